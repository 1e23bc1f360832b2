import { renameSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { play, serverOfCheck } from '#kit/chat-log/peers.ts';
import { ChatService, newFile, subscribed } from '#kit/chat-log/servers.ts';
import { stubAt } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('15-live-chat-on-several-servers', { server, client });

test('is one chat, also while one of the servers is away', async () => {
  const { client: lines, exitCode } = await lesson.pair(['--how', 'killed']);
  expect(lines).toContain('                                   │ (kill -9 server 2)');
  expect(lines.at(-1)).toBe('Ada has heard 6, Bob 6: the same, in the same order');
  expect(exitCode).toBe(0);
});

test('says so when messages were trimmed away meanwhile', async () => {
  const { client: lines, exitCode } = await lesson.pair(['--keep', '2']);
  expect(lines.at(-1)).toMatch(/^OUT_OF_RANGE: .* subscribe without after\.$/);
  expect(exitCode).toBe(1);
});

test('lets two people talk by two servers, and goes on when one of them stops', async () => {
  const values = { log: newFile(), keep: '100' };
  const [first, second] = [
    await server.start('127.0.0.1:0', values),
    await server.start('127.0.0.1:0', values),
  ];
  const [one, other] = [addressOf(first), addressOf(second)];
  const inside = signal();
  let heard = 0;
  const bob = lesson.client(other, ['--user', 'Bob', '--also', ` ${one} ,`], {
    piped: ['I stay.'],
    typing: (line) => {
      if (line === 'Bob: I stay.') inside.send();
      // Ada hears it as well.
      return line === 'Ada: Still here?' && (heard += 1) === 2 ? '' : undefined;
    },
  });
  await inside.sent;
  await second.stop!();
  await lesson.client(one, ['--text', 'Still here?']);
  expect((await bob).client).toEqual(['Bob: I stay.', 'Ada: Still here?']);
});

test('prints what others write on one line', async () => {
  const { client: lines } = await lesson.client(await lesson.server(), ['--text', 'a\r\u001B[2Jb']);
  expect(lines).toEqual(['Ada: a [2Jb']);
});

test('says what nobody has acknowledged, and goes on', async () => {
  const file = newFile();
  const address = await lesson.server('--log', file);
  const { client: lines, exitCode } = await lesson.client(
    address,
    ['--text', 'one', '--text', 'two', '--text', 'three'],
    {
      // Nothing is typed: it only looks at what is printed.
      typing: (line) => {
        if (line === 'Ada: one') renameSync(file, `${file}.away`);
        if (line.startsWith('Nobody')) renameSync(`${file}.away`, file);
        return undefined;
      },
    },
  );
  expect(lines[1]).toMatch(
    /^Nobody has acknowledged "(?:two|three)"\. .*: The log of the chat cannot be reached\.$/,
  );
  expect(exitCode).toBe(0);
});

test('passes on a status that another server would not mend', async () => {
  const { address } = await serverOfCheck((call) => play(call, 0, [], status.PERMISSION_DENIED));
  const { client: lines, exitCode } = await lesson.client(address, ['--text', 'one']);
  expect(lines[0]).toBe('PERMISSION_DENIED: the check says so');
  expect(exitCode).toBe(1);
});

test.each([
  ['user_name', { text: 'x' }],
  ['text', { user_name: 'Ada', text: 'x'.repeat(4_001) }],
])('refuses a wrong %s', async (field, message) => {
  const stub = stubAt(ChatService, await lesson.server());
  const error = await new Promise((resolve) => void stub.sendMessage(message, resolve));
  expect(error).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining(field) as string,
  });
});

test('ends its subscriptions when it stops, and closes its log also when it cannot listen', async () => {
  const values = { log: newFile(), keep: '10' };
  const one = await server.start('127.0.0.1:0', values);
  const reader = await subscribed(stubAt(ChatService, addressOf(one)));
  await expect(server.start(`127.0.0.1:${one.port}`, values)).rejects.toThrow('EADDRINUSE');
  await one.stop!();
  expect((await reader.heard()).ended).toMatchObject({
    code: status.UNAVAILABLE,
    details: 'The server is stopping.',
  });
});
