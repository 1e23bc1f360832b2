import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { lookAtRedis } from './redis.ts';

/** @returns the port of something that says this to whoever speaks to it */
const saying = async (answer: string): Promise<number> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

it.each(['+PONG\r\n', '-NOAUTH Authentication required.\r\n'])('knows a Redis by %j', async (answer) => {
  expect(await lookAtRedis(await saying(answer))).toMatchObject({ state: 'ok' });
});

it('takes nothing else for one, and that is no problem', async () => {
  expect(await lookAtRedis(await saying('HTTP/1.1 400 Bad Request\r\n'))).toMatchObject({ state: 'note' });
  expect(await lookAtRedis(1)).toEqual({
    state: 'note',
    found: 'No Redis answers at 127.0.0.1:1. Lesson 15 takes a file without one.',
  });
});
