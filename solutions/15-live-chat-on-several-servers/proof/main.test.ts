import { status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('15-live-chat-on-several-servers', { server, client });

test('says Hello to World when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines).toEqual(['Hello World']);
  expect(exitCode).toBe(0);
});

test('takes the name from a pipe, and not the greeting', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['Node'] });
  expect(lines).toEqual(['Hello Node']);
});

test('says how a call has failed, and what that means where nobody listens', async () => {
  const address = await lesson.gone();
  const { client: lines, exitCode } = await lesson.client(address);
  expect(lines).toEqual([
    expect.stringMatching(/^UNAVAILABLE: .*ECONNREFUSED/),
    `Nobody is listening at ${address}. Start the server first: npm run lesson:15 server`,
  ]);
  expect(exitCode).toBe(1);
});

test('has nothing to add to any other status', async () => {
  const refuse: Parameters<typeof server.start>[1] = {
    hello: (_call, callback) => callback({ code: status.PERMISSION_DENIED, details: 'not today' }),
  };
  const address = addressOf(await server.start('127.0.0.1:0', refuse));
  const { client: lines, exitCode } = await lesson.client(address);
  expect(lines).toEqual(['PERMISSION_DENIED: not today', '']);
  expect(exitCode).toBe(1);
});

test('does not take for a status what is none', async () => {
  vi.mocked(console.log).mockImplementationOnce(() => {
    throw new Error('nobody reads this');
  });
  await expect(lesson.pair()).rejects.toThrow('nobody reads this');
});
