import { expect, test, vi } from 'vitest';
import { serve } from '#shared/grpc/serve.ts';
import { HealthService, Health } from '#shared/health/health.ts';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import { codeBlocks } from '#testkit/code-blocks.ts';
import { readmeOf } from '../../../shared/engine/lesson/lessons.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

// What the lesson waits for takes a tenth of the time here.
vi.mock('node:timers/promises', async (load) => {
  const timers = await load<typeof import('node:timers/promises')>();
  return { ...timers, setTimeout: (time: number, ...rest: []) => timers.setTimeout(time / 10, ...rest) };
});

const lesson = mainOf('11-stop-without-losing-a-call', { server, client });

test('loses no call while both servers are restarted, and says who has answered', async () => {
  const { client: lines, server: log, exitCode } = await lesson.pair();
  expect(lines.at(-1)).toMatch(/^(\d+) calls made, \1 answered, 0 lost$/);
  expect(lines.slice(0, -1).map((line) => line.slice(0, 22).trim())).toEqual([
    'both are ready',
    'server 1 is restarted',
    'server 2 is restarted',
    'both are ready',
  ]);
  expect(log).toEqual(['closed in time', 'closed in time']);
  expect(exitCode).toBe(0);
});

test('ends a call that is never finished, and loses no other', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'stuck']);
  const stuck = lines.filter((line) => line.startsWith('the call that was never finished'));
  expect(stuck).toEqual(Array(2).fill('the call that was never finished: CANCELLED: Call cancelled'));
  expect(lines.at(-1)).toMatch(/ 0 lost$/);
  expect(log).toEqual(['closed in time', 'closed in time']);
});

test('calls the servers that it is told of, when nobody restarts any', async () => {
  const [one, other] = [await lesson.server(), await lesson.server()];
  const { client: lines } = await lesson.client(one, ['--show', 'rolling', '--also', ` ${other} ,`]);
  expect(lines).toEqual([
    expect.stringMatching(/^ten seconds {11}server 1 █+░+ {3}server 2 █+░+$/),
    expect.stringMatching(/^(\d+) calls made, \1 answered, 0 lost$/),
  ]);
});

test('says how each server is, and ends with 1 when one is not ready', async () => {
  const health = new Health();
  health.set('', 'SERVING');
  const warming = addressOf(await serve(HealthService.service, health.handlers, '127.0.0.1:0'));
  const also = `${warming},${await lesson.gone()}`;
  const { client: lines, exitCode } = await lesson.client(await lesson.server(), [
    '--show',
    'probe',
    '--also',
    also,
  ]);
  expect(lines).toEqual([
    'server 1: alive SERVING, ready SERVING',
    'server 2: alive SERVING, ready NOT_FOUND: This server has no service of that name.',
    expect.stringMatching(/^server 3: alive UNAVAILABLE: .*, ready UNAVAILABLE: /),
  ]);
  expect(exitCode).toBe(1);
});

test('says why the first call was lost', async () => {
  const health = new Health();
  for (const name of ['', 'user.UserService']) health.set(name, 'SERVING');
  // Lives, is ready, and has no users.
  const address = addressOf(await serve(HealthService.service, health.handlers, '127.0.0.1:0'));
  const { client: lines } = await lesson.client(address, ['--show', 'rolling']);
  expect(lines[1]).toMatch(/^(\d+) calls made, 0 answered, \1 lost$/);
  expect(lines[2]).toMatch(/^the first that was lost: UNIMPLEMENTED: /);
});

test('tells at once when nobody listens', async () => {
  const { client: lines, exitCode } = await lesson.client(await lesson.gone(), ['--show', 'rolling']);
  expect(lines[0]).toMatch(/^UNAVAILABLE: /);
  expect(exitCode).toBe(1);
});

test('closes what it has opened when it cannot listen, or does not come up', async () => {
  const address = await lesson.server();
  await expect(server.start(address, { db: ':memory:' })).rejects.toThrow('EADDRINUSE');
});

test('leaves once, however often it is told to', async () => {
  const one = await server.start('127.0.0.1:0', { db: ':memory:' });
  await Promise.all([one.stop!(), one.stop!()]);
  expect(vi.mocked(console.log).mock.calls).toEqual([['closed in time']]);
});

const blockOf = (language: string): string[] =>
  codeBlocks(readmeOf('11-stop-without-losing-a-call'))
    .find((block) => block.language === language)!
    .text.trimEnd()
    .split('\n');

/** What YAML would read from the few forms that the README's manifest has: nested keys, a list, and `{ … }` in one line. */
const manifest = (): Record<string, string> => {
  const values: Record<string, string> = {};
  const path: string[] = [];
  for (const line of blockOf('yaml')) {
    const [, indent, key, value] = /^((?: {2})*(?:- )?)([a-zA-Z]+):(?: (\S.*))?$/.exec(line)!;
    path.length = indent!.length / 2;
    path.push(key!);
    const flow = /^\{ (.+) \}$/.exec(value ?? '');
    for (const pair of flow?.[1]!.split(', ') ?? []) {
      const [inner, of] = pair.split(': ') as [string, string];
      values[[...path, inner].filter(Boolean).join('.')] = of;
    }
    if (!flow && value !== undefined) values[path.filter(Boolean).join('.')] = value;
  }
  return values;
};

test('has a manifest that asks for what the server says, and gives it the time that it needs', async () => {
  const values = manifest();
  expect(values).toEqual({
    'spec.terminationGracePeriodSeconds': '30',
    'spec.containers.name': 'users',
    'spec.containers.image': 'users:1',
    'spec.containers.livenessProbe.grpc.port': '50051',
    'spec.containers.readinessProbe.grpc.port': '50051',
    'spec.containers.readinessProbe.grpc.service': 'user.UserService',
  });
  const { stopMs, stop, server: grpc } = await server.start('127.0.0.1:0', { db: ':memory:' });
  expect(stopMs).toBeLessThan(1_000 * Number(values['spec.terminationGracePeriodSeconds']));
  await stop!();
  grpc.forceShutdown();
});

test('has a Dockerfile of instructions that there are, and starts Node.js without a shell', () => {
  const lines = blockOf('dockerfile').map((line) => line.split(/ (.*)/) as [string, string]);
  expect(lines.map(([instruction]) => instruction)).toEqual(['FROM', 'WORKDIR', 'COPY', 'RUN', 'CMD']);
  expect(JSON.parse(lines.at(-1)![1])).toEqual(['node', 'server.js']);
});
