import path from 'node:path';
import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { experimentsOf, failedSteps } from '#testkit/experiment.ts';
import { timePasses } from '#testkit/otp-clock.ts';
import { hasTerminals, keys, type Running } from '#testkit/workbook-copy.ts';
import { questions } from '../client.ts';

const { change, check, pair, server, workbook } = experimentsOf('09-access-control');
const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

const db = path.join(workbook.folder, '.workbook', 'accounts.db');

/** The only edit of two tests. */
const allowed = `const why = refusal(rules, path, caller, request);
      if (why !== undefined) refuse(status.PERMISSION_DENIED, why);
      return why === undefined;`;

/** Somebody at the menu of a client. */
const atMenu = (args: string[] = []) => {
  const terminal = workbook.atTerminal(['lesson', '9', ...args, '--phone', '+14155550123']);
  let read = 0;
  /** Waits for something behind all that was waited for before; all that has come up to its end. */
  const next = async ({ source }: RegExp): Promise<string> => {
    const pattern = new RegExp(`^[^]{${read}}([^]*?${source})`);
    const [all, news] = pattern.exec(await terminal.printed(pattern))!;
    read = all.length;
    return news!;
  };
  const answer = async (question: RegExp, text: string): Promise<void> => {
    await next(question);
    terminal.type(text + keys.enter);
    await next(/✔ [^]*?\n/);
  };
  return {
    next,
    choose: async (choice: (typeof questions.call.choices)[number]): Promise<void> => {
      await next(/What would you like to do/);
      terminal.type(keys.down.repeat(questions.call.choices.indexOf(choice)) + keys.enter);
      await next(new RegExp(`✔ .* ${choice}\\s`));
    },
    giveId: (id = '') => answer(/Which id/, id),
    /** Signs in with the code in the first SMS that this one prints; the user's id. */
    signIn: async (sms: Running = terminal): Promise<string> => {
      await next(/Which code has come/);
      const [, code] = /your code is (\d{6})/.exec(await sms.printed(/your code is \d{6}/))!;
      terminal.type(code + keys.enter);
      return / as user (\S+)\./.exec(await next(/You are signed in .* as user \S+\./))![1]!;
    },
    leave: async (): Promise<void> => {
      await next(/What would you like to do/);
      terminal.type(keys.ctrlC);
      await terminal.ended;
    },
  };
};

/** The users that somebody has been shown. */
const idsIn = (text: string): string[] => text.match(/^[\da-f-]{36}(?= )/gm) ?? [];

test.skipIf(!hasTerminals)('Forget the table', async () => {
  const user = ['--name', 'Grace', '--email', 'grace@example.com'];
  const made = await workbook.run(['lesson', '7', '--db', db, '--call', 'CreateUser', ...user]);
  const grace = /id: '([\da-f-]{36})'/.exec(made.stdout)![1]!;

  change('server', [allowed, 'return true;']);
  const first = atMenu();
  await first.choose('list');
  const me = await first.signIn();
  expect(idsIn(await first.next(/(?=\? What would)/)).toSorted()).toEqual([grace, me].toSorted());
  await first.choose('delete');
  await first.giveId(grace);
  await first.next(new RegExp(`User ${grace} is deleted`));
  await first.choose('list');
  expect(idsIn(await first.next(/(?=\? What would)/))).toEqual([me]);
  await first.choose('delete');
  await first.giveId();
  await first.next(new RegExp(`User ${me} is deleted`));
  await first.leave();

  timePasses(db, 30);
  const second = atMenu();
  await second.choose('profile');
  expect(await second.signIn()).not.toBe(me);
  await second.giveId();
  await second.leave();
  expect(failedSteps(await check())).toContain(3);
});

test('Forget the audience', async () => {
  const lines = async () => {
    const { code, stdout, stderr } = await pair(['--call', 'tour', '--db', ':memory:']);
    expect(code).toBe(0);
    return `${stdout}${stderr}`
      .replace(/:\d+\n/, '\n')
      .split('\n')
      .toSorted();
  };
  const before = await lines();
  change('server', ['    audience,\n', '']);
  expect(await lines()).toEqual(before);
  if (hasTerminals) {
    const { choose, giveId, leave, next, signIn } = atMenu();
    await choose('profile');
    const me = await signIn();
    await giveId();
    await next(new RegExp(`${me} {2}New user`));
    await leave();
  }
  expect(failedSteps(await check())).toEqual([2]);
});

test("Read, but don't check", async () => {
  const solution = workbook.read('solutions/09-access-control/server.ts');
  const checked = /const \{ payload \} = await jwtVerify\([^]*?\}\);/.exec(solution)![0];
  change(
    'server',
    ['import { jwtVerify,', 'import { decodeJwt, jwtVerify,'],
    [checked, 'const payload = decodeJwt(token);'],
  );
  const { stdout } = await pair(['--call', 'tour']);
  expect(stdout).toContain('refused /user.UserService/GetUser: a claim of the token is missing, or wrong');
  expect(stdout).not.toContain('signed in a way that is not allowed');
  expect(stdout).toContain('a token that nobody has signed: UNAUTHENTICATED');

  // The tour's own token, with the claim that it lacks.
  const forged = (role: string): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: '1', role, exp: 9_999_999_999, phone_number: '+14155550123' };
    return `${part({ alg: 'none' })}.${part(claims)}.`;
  };
  const { there } = await server();
  const stub = new UserService(`127.0.0.1:${there[1]}`, credentials.createInsecure());
  onTestFinished(() => stub.close());
  const listWith = (token: string) =>
    new Promise<string>((resolve) => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${token}`);
      const deadline = Date.now() + 30_000;
      stub.ListUsers({}, metadata, { deadline }, (error: ServiceError | null) =>
        resolve(status[error?.code ?? status.OK]),
      );
    });
  expect(await listWith(forged('user'))).toBe('PERMISSION_DENIED');
  expect(await listWith(forged('admin'))).toBe('OK');
});

test.skipIf(!hasTerminals)('Confuse the statuses', async () => {
  change('server', [allowed, allowed.replace('PERMISSION_DENIED', 'UNAUTHENTICATED')]);
  const { choose, leave, next, signIn } = atMenu();
  await choose('list');
  await next(/(?=[^]*Which code has come)/);
  timePasses(db, -600);
  await signIn();
  // The two halves print for themselves: their lines come in any order.
  const [refused, sent, told] = [
    /refused \S+\/ListUsers: user \S+ is no admin/,
    /SendOTP · ended with RESOURCE_EXHAUSTED/,
    /\nRESOURCE_EXHAUSTED: too soon for another code/,
  ];
  await next(new RegExp(`(?=[^]*${refused.source})(?=[^]*${sent.source})(?=[^]*${told.source})`));
  await leave();
});

test.skipIf(!hasTerminals)('Change the lock', async () => {
  const first = await server();
  const { choose, giveId, leave, next, signIn } = atMenu(['client', ...first.there]);
  await choose('profile');
  const me = await signIn(first);
  const profile = new RegExp(`${me} {2}New user`);
  await giveId();
  await next(profile);
  await first.stop();

  const rotated = await server(['--rotate', 'yes', ...first.there]);
  await choose('profile');
  await giveId();
  await next(profile);
  const { stdout } = await rotated.stop();
  expect(stdout).toContain('GetUser · ended with OK');
  expect(stdout).not.toMatch(/refused|SMS/);

  const changeLock = async () => {
    workbook.remove('.workbook/accounts.db.token-keys');
    const changed = await server(first.there);
    await choose('profile');
    await giveId();
    await changed.printed('refused /user.UserService/GetUser: the token names no key that is known here');
    return changed;
  };
  timePasses(db, 30);
  const second = await changeLock();
  await signIn(second);
  await next(profile);
  await second.stop();

  timePasses(db, -600);
  await changeLock();
  await next(/RESOURCE_EXHAUSTED/);
  await leave();
});
