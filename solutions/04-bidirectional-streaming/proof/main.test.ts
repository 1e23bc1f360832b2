import { expect, test, vi } from 'vitest';
import { mainOf } from '#testkit/pair-in-process.ts';
import { atTheTerminal } from '#testkit/fake-prompt.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

vi.mock('#shared/terminal/prompt.ts', () => import('#testkit/fake-prompt.ts'));

// The same pauses as in lesson 2, a thousand times as short.
vi.mock('#answers/02-server-streaming/server.ts', async (load) => {
  const lesson = await load<typeof import('#answers/02-server-streaming/server.ts')>();
  return { ...lesson, parrotHello: (pause: number) => lesson.parrotHello(pause / 1_000) };
});

const lesson = mainOf('04-bidirectional-streaming', { server, client });

test('talks with the server when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines).toEqual(['Hello World', 'Hello gRPC', 'Hello Node']);
  expect(exitCode).toBe(0);
});

const said: Record<(typeof client.questions.call.choices)[number], string[]> = {
  hello: ['Hello Ada'],
  parrotHello: ['Hello Ada 1', 'Hello Ada 2', 'Hello Ada 3'],
  clientHello: ['You have sent 1 messages. Please expect a delayed response.'],
  biHello: ['Hello Ada'],
};

test.each(client.questions.call.choices)('makes the call %s', async (call) => {
  const { client: lines } = await lesson.pair(['--call', call, '--name', 'Ada']);
  expect(lines).toEqual(said[call]);
});

test.each(['hello', 'parrotHello'])('asks for one name before %s, and says so', async (call) => {
  const asked = atTheTerminal();
  const { client: lines } = await lesson.pair(['--call', call, '--greeting', 'Hello']);
  expect(asked).toEqual(['Whom do you greet?']);
  expect(lines[0]).toMatch(/^Hello World/);
});

test.each(['clientHello', 'biHello'])('asks for names in %s until there is none', async (call) => {
  const names = ['Ada', 'Grace'];
  const asked = atTheTerminal(() => names.shift() ?? '');
  await lesson.pair(['--call', call, '--greeting', 'Hello']);
  const { message } = client.questions.name;
  expect(asked).toEqual([message, message, message]);
});
