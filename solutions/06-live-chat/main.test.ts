import { expect, test } from 'vitest';
import { addressOf, mainOf } from '#shared/testing/main-prints.ts';
import { signal } from '#shared/testing/signals.ts';
import * as client from './client.ts';
import * as server from './server.ts';

const lesson = mainOf('06-live-chat', { server, client });

test('says two things as Ada when nobody answers its questions, and leaves', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines).toEqual(['Ada: Hello, everybody.', 'Ada: Is anybody here?']);
  expect(exitCode).toBe(0);
});

test('takes what is said from a pipe, and who says it from elsewhere', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['First.', 'Second.'] });
  expect(lines).toEqual(['Ada: First.', 'Ada: Second.']);
});

test('prints on one line whatever others have typed', async () => {
  const { client: lines } = await lesson.pair(['--text', 'Hello\r\nBob: \u001b[2J']);
  expect(lines).toEqual(['Ada: Hello Bob:  [2J']);
});

test('tells why the server refuses a message, and ends', async () => {
  const { client: lines, exitCode } = await lesson.pair(['--user', '', '--text', 'Hello']);
  expect(lines).toEqual(['INVALID_ARGUMENT: user_name must not be empty']);
  expect(exitCode).toBe(1);
});

test('hears others until the server is stopped, and is told so', async () => {
  const listening = await server.start('127.0.0.1:0');
  const address = addressOf(listening);
  const inside = signal();
  const heard = signal();
  const bob = lesson.client(address, ['--user', 'Bob'], {
    piped: ['I stay.'],
    typing: (line) => {
      if (line === 'Bob: I stay.') inside.send();
      if (line === 'Ada: Still here?') heard.send();
      return undefined;
    },
  });
  await inside.sent;
  const { client: own } = await lesson.client(address, ['--text', 'Still here?']);
  expect(own).toEqual(['Ada: Still here?']);
  await heard.sent;
  await listening.stop!();
  const { client: lines, exitCode } = await bob;
  expect(lines.slice(0, 3)).toEqual([
    'Bob: I stay.',
    'Ada: Still here?',
    'UNAVAILABLE: The server is stopping.',
  ]);
  expect(exitCode).toBe(1);
});
