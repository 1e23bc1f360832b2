import { expect, test } from 'vitest';
import { experimentsOf, type Edit, type RunningServer } from '#testkit/experiment.ts';
import { hasTerminals, keys, type AtTerminal } from '#testkit/workbook-copy.ts';

const { atTerminal, change, check, client, server } = experimentsOf('06-live-chat');

/** Somebody who stays: a client that asks for a text, and has been told that it is in. */
const staying = async (there: string[], user: string): Promise<AtTerminal> => {
  const person = atTerminal(['client', ...there, '--user', user]);
  await person.printed('Say something');
  return person;
};

const slowly: Edit = [
  '    for await (const message of subscription) onMessage(message);\n',
  `    for await (const message of subscription) {
      onMessage(message);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
`,
];

/** Bob says 500 long things as fast as he can, and has heard them all when this returns. */
const talkFast = async ({ there }: RunningServer): Promise<void> => {
  const texts = Array.from({ length: 500 }, (_, index) => `${index + 1} ${'.'.repeat(1_000)}\n`);
  const bob = client(there, ['--solution', '--user', 'Bob'], { input: texts.join('') });
  const { code, stdout } = await bob.ended;
  expect(stdout).toBe(texts.map((text) => `Bob: ${text}`).join(''));
  expect(code).toBe(0);
};

/** @returns which of Bob's messages have come to a screen */
const fromBob = (screen: string): number[] =>
  [...screen.matchAll(/Bob: (\d+) \./g)].map(([, number]) => Number(number));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test.skipIf(!hasTerminals)('Do not say that they are in', async () => {
  change('server', ['    call.sendMetadata(new Metadata());\n', '']);
  const { code, stdout } = await atTerminal(['--user', 'Ada']).ended;
  expect(stdout).toContain('[server] ReceiveMessage ← {}');
  expect(stdout).toContain('The server has not said that you are in.');
  expect(stdout).not.toMatch(/Say something|SendMessage/);
  expect(code).toBe(1);
});

test('Forget nobody', async () => {
  change('server', ["    call.on('cancelled', () => room.delete(subscriber));\n", '']);
  const { stop, there } = await server();
  expect((await client(there, ['--user', 'Ada', '--text', 'one']).ended).stdout).toBe('Ada: one\n');
  expect((await client(there, ['--user', 'Bob', '--text', 'two']).ended).stdout).toBe('Bob: two\n');
  const { stdout } = await stop();
  expect(stdout.match(/^ReceiveMessage → .*'one'/gm)).toHaveLength(1);
  expect(stdout.match(/^ReceiveMessage → .*'two'/gm)).toHaveLength(2);
});

test.skipIf(!hasTerminals)('Read slowly', async () => {
  change('client', slowly);
  const running = await server();
  const ada = await staying(running.there, 'Ada');
  await talkFast(running);
  await running.printed('ReceiveMessage · ended with RESOURCE_EXHAUSTED');
  const { code, stdout } = await ada.ended;
  const heard = fromBob(stdout);
  expect(heard).toEqual(upTo(heard.length));
  expect(stdout.slice(stdout.lastIndexOf('Bob: '))).toContain('RESOURCE_EXHAUSTED');
  expect(code).toBe(1);
  const log = (await running.stop()).stdout;
  // Each one has gone to Bob as well. The others for her were dropped.
  const goneOut = log.match(/^ReceiveMessage → /gm)!.length - 500;
  expect(goneOut).toBeGreaterThanOrEqual(heard.length);
  expect(goneOut).toBeLessThan(500);
});

test.skipIf(!hasTerminals)('Do not wait for the reader', async () => {
  change('client', slowly);
  change('server', [
    'this.call.write(message, () => this.writeNext());',
    'this.call.write(message); this.writeNext();',
  ]);
  const running = await server();
  const ada = await staying(running.there, 'Ada');
  await talkFast(running);
  const log = (await running.stop()).stdout;
  expect(log.match(/^ReceiveMessage → /gm)).toHaveLength(1_000);
  expect(log).not.toContain('RESOURCE_EXHAUSTED');
  expect(fromBob((await ada.ended).stdout).length).toBeLessThan(500);
  expect(await check()).toMatch(/failed +Step 1 /);
});

const fanOut = `    for (const subscriber of room) subscriber.deliver(message);
    callback(null, message);
`;
const acknowledgedFirst = `    callback(null, message);
    for (const subscriber of room) {
      subscriber.deliver(message);
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    }
`;
const acknowledgedLast = `    for (const subscriber of room) {
      subscriber.deliver(message);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    callback(null, message);
`;

test.skipIf(!hasTerminals)('Pause in the fan-out', async () => {
  change('server', [fanOut, acknowledgedFirst]);
  const { printed, stop, there } = await server();
  const ada = await staying(there, 'Ada');
  const bob = await staying(there, 'Bob');
  ada.type(`Hello${keys.enter}`);
  await Promise.all([printed('SendMessage · ended with OK'), ada.printed('Ada: Hello')]);
  await stop();
  const { code, stdout } = await bob.ended;
  expect(stdout).toContain('UNAVAILABLE: The server is stopping.');
  expect(stdout).not.toContain('Hello');
  expect(code).toBe(1);
  expect(await check()).toMatch(/failed +Step 4 /);

  change('server', [acknowledgedFirst, acknowledgedLast]);
  // How slow the machine is decides whether a message is missed first, or what the server's end has left of it.
  expect(await check()).toMatch(
    /failed +Step 4 [^]*got +(?:only some of them|it has reached 1: the server was stopped)[^]*failed +Step 5 /,
  );
});

test.skipIf(!hasTerminals)('Stop without a word', async () => {
  change('server', ['    for (const subscriber of room) subscriber.end(stopping);\n', '']);
  const { stop, there } = await server();
  const ada = await staying(there, 'Ada');
  const { code, stdout } = await stop();
  expect(stdout).toContain('stopping: calls that are open have a second to end');
  expect(stdout).not.toContain('ReceiveMessage · ended');
  expect(code).toBe(130);
  const { stdout: screen } = await ada.ended;
  expect(screen).toMatch(/UNAVAILABLE: the connection to \S+ was lost/);
  expect(screen).not.toContain('The server is stopping.');
});
