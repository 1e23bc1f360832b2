import { expect, test } from 'vitest';
import { experimentsOf } from '#testkit/experiment.ts';
import { descendantsOf } from '#testkit/processes.ts';
import { hasTerminals, keys, type Ended } from '#testkit/workbook-copy.ts';

const { atTerminal, change, check, client, pair, plainServer, server } = experimentsOf('07-users');

// The users of all tests are in one file, .workbook/users.db, as those of a learner are.
const listUsers = ['--call', 'ListUsers', '--page-size', '50'];

/** Has a server make a user, whose email tells their names. */
const create = (there: string[], name: string): Promise<Ended> =>
  client(there, ['--call', 'CreateUser', '--name', name, '--email', `${name}@example.com`]).ended;

test('Kill the server', async () => {
  const first = await server();
  expect((await create(first.there, 'survivor')).code).toBe(0);
  expect((await first.stop()).code).toBe(130);

  const second = await server();
  expect((await client(second.there, listUsers).ended).stdout).toContain('survivor@example.com');
  // Windows has another command for it, and no ps.
  if (process.platform === 'win32') return;
  expect((await create(second.there, 'neighbour')).code).toBe(0);
  const serving = descendantsOf(second.child.pid!).filter(({ command }) =>
    command.includes('half/main.js server 7'),
  );
  expect(serving).toHaveLength(1);
  process.kill(serving[0]!.pid, 'SIGKILL');
  expect((await second.ended).stdout).not.toContain('stopping');

  const third = await server();
  const { stdout } = await client(third.there, listUsers).ended;
  expect(stdout).toContain('survivor@example.com');
  expect(stdout).toContain('neighbour@example.com');
});

test('Start a second server', async () => {
  const [one, other] = await Promise.all([server(), server()]);
  expect((await create(one.there, 'both')).code).toBe(0);
  expect((await client(other.there, listUsers).ended).stdout).toContain('both@example.com');
  const { code, stderr } = await create(other.there, 'both');
  expect(stderr).toContain('ALREADY_EXISTS');
  expect(code).toBe(1);
  // The first call went to the other one.
  expect((await other.stop()).stdout.match(/^CreateUser ←/gm)).toHaveLength(1);
});

test.skipIf(!hasTerminals)('Send SQL as a name', async () => {
  const name = "'); DROP TABLE users;--";
  const made = atTerminal(['--call', 'CreateUser', '--name', name, '--email', 'bobby@example.com']);
  await made.printed('? Phone number');
  made.type(keys.enter);
  const { code, stdout } = await made.ended;
  expect(stdout).toContain(`name: "${name}"`);
  expect(stdout).toContain("phone_number: ''");
  expect(code).toBe(0);
  expect((await pair(listUsers)).stdout).toMatch(/^\S+ "'\); DROP TABLE users;--" bobby@example\.com$/m);
});

test('Watch the pages', async () => {
  const { stop, there } = await server();
  await Promise.all(['one', 'two', 'three'].map((name) => create(there, name)));
  const listed = await client(there, ['--call', 'ListUsers', '--page-size', '1']).ended;
  const log = (await stop()).stdout;
  const users = listed.stdout.match(/@example\.com$/gm)!;
  expect(users.length).toBeGreaterThanOrEqual(3);
  const sent = [...log.matchAll(/ListUsers ← .*page_token: '(.*)' \}/g)].map(([, token]) => token);
  const got = [...log.matchAll(/ListUsers → .*next_page_token: '(.*)' \}/g)].map(([, token]) => token);
  expect(sent).toHaveLength(users.length);
  expect(sent).toEqual(['', ...got.slice(0, -1)]);
  expect(got.at(-1)).toBe('');

  const negative = await pair(['--call', 'ListUsers', '--page-size=-1']);
  expect(negative.stderr).toContain('INVALID_ARGUMENT');
  expect(negative.code).toBe(1);
  const withoutSign = await pair(['--call', 'ListUsers', '--page-size', '-1']);
  expect(withoutSign.stderr).toContain('-1 looks like a flag');
  expect(withoutSign.code).toBe(2);
});

test('Check what the mask does not name', async () => {
  change('server', ['checkUser(user, fields)', 'checkUser(user, userFields.writable)']);
  const { there } = await server();
  const id = /id: '(.+)'/.exec((await create(there, 'masked')).stdout)![1]!;
  const toAda = ['--call', 'UpdateUser', '--mask', 'name', '--name', 'Ada', '--id', id];
  const { code, stderr } = await client(there, toAda).ended;
  expect(stderr).toContain('user.email must not be empty');
  expect(code).toBe(1);
});

test('Go on after the answer', async () => {
  change('server', [
    `return callback(invalidFields(wrong));
    const made`,
    `callback(invalidFields(wrong));
    const made`,
  ]);
  const wrong = ['--call', 'CreateUser', '--name', 'Ada', '--email', 'ada', '--phone', '555'];
  const { stderr, stdout } = await pair(wrong);
  expect(stderr).toMatch(/^INVALID_ARGUMENT: user\.email .*user\.phone_number/);
  expect(stdout).toMatch(/\[server\] ! TypeError: .*'values' as it is undefined/);
  expect(await check()).toMatch(
    /The TypeScript compiler reports errors:\n +lessons\/07-users\/server\.ts:\d+ .*undefined/,
  );
});

test('Break the database', async () => {
  const start = '  GetUser: ({ request: { id } }, callback) => {\n';
  change('server', [start, `${start}    throw new Error('the disk is full');\n`]);
  const getUser = ['--call', 'GetUser', '--id', '1'];
  const { code, stderr } = await pair(getUser);
  expect(stderr).toMatch(/^INTERNAL: .*the disk is full \(lessons\/07-users\/server\.ts:\d+\)/);
  expect(code).toBe(1);

  const plain = await plainServer({ db: '.workbook/users.db' });
  expect((await client(plain.there, getUser).ended).stderr).toBe('UNKNOWN: Unknown error\n');
  const log = await plain.stop();
  expect(log.stdout.trim()).toMatch(/^listening on \S+$/);
  expect(log.stderr).toBe('');
});
