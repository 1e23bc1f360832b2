import { expect, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { mainOf } from '#testkit/pair-in-process.ts';
import { serving } from '#kit/peers.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

/** In milliseconds, and not the two seconds that a person is to see. */
const pause = 2;

const start = (address: string) => server.start(address, pause);
const lesson = mainOf('02-server-streaming', { server: { start }, client });

test('hears three replies to World when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines).toEqual(['Hello World 1', 'Hello World 2', 'Hello World 3']);
  expect(exitCode).toBe(0);
});

test.each(client.questions.enough.choices)('leaves after %s when that is enough', async (enough) => {
  const { client: lines } = await lesson.pair(['--enough', enough]);
  expect(lines).toHaveLength(Number(enough));
});

test('takes the name from a pipe, and nothing else', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['Node', '1'] });
  expect(lines).toEqual(['Hello Node 1', 'Hello Node 2', 'Hello Node 3']);
});

test('waits no longer than it can be worth', async () => {
  const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
  let deadline: Date | number = Infinity;
  const parrotHello: HelloHandlers['parrotHello'] = (call) => {
    deadline = call.getDeadline();
    call.end();
  };
  await lesson.client(await serving(Hello.service, { parrotHello }));
  expect(Number(deadline)).toBeLessThan(Date.now() + 60_000);
});
