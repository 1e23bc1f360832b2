import { EventEmitter } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import { serving, stubAt } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;
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

test('says why it cannot be let in', async () => {
  const { client: lines, exitCode } = await lesson.client(await lesson.gone());
  expect(lines[0]).toMatch(/^UNAVAILABLE: nobody is listening at /);
  expect(exitCode).toBe(1);
});

/** Takes as long as a call: time enough for a client to do what it should not do yet. */
const aCallLater = (address: string): Promise<void> =>
  new Promise((resolve) => {
    const stub = stubAt(ChatService, address);
    stub.sendMessage({ user_name: 'nobody', text: '' }, () => {
      stub.close();
      resolve();
    });
  });

test('speaks once it is in, and leaves once it has heard all that it has said, by its own name', async () => {
  const events: string[] = [];
  let deadline: Date | number = Infinity;
  let address = '';
  let subscription: Parameters<ChatServiceHandlers['ReceiveMessage']>[0] | undefined;
  const deliver = (user_name: string, text: string) => subscription!.write({ user_name, text });
  const deliverAll = async (): Promise<void> => {
    deliver('Bob', 'Hi.');
    deliver('Bob', 'Bye.');
    for (const text of ['Hi.', 'Bye.']) {
      await aCallLater(address);
      deliver('Ada', text);
    }
  };
  address = await serving(ChatService.service, {
    ReceiveMessage: async (call) => {
      subscription = call;
      await aCallLater(address);
      events.push('let in');
      call.sendMetadata(new Metadata());
    },
    SendMessage: (call, callback) => {
      const { user_name, text } = call.request;
      callback(null, call.request);
      if (user_name !== 'Ada') return;
      deadline = call.getDeadline();
      events.push(text);
      if (text === 'Bye.') void deliverAll();
    },
  } satisfies ChatServiceHandlers);
  const { client: lines } = await lesson.client(address, ['--text', 'Hi.', '--text', 'Bye.']);
  expect(events).toEqual(['let in', 'Hi.', 'Bye.']);
  expect(lines).toEqual(['Bob: Hi.', 'Bob: Bye.', 'Ada: Hi.', 'Ada: Bye.']);
  expect(Number(deadline)).toBeLessThan(Date.now() + 60_000);
});

/** The call of a subscriber who reads nothing. */
const stalled = () =>
  Object.assign(
    new EventEmitter().on('error', () => {}),
    {
      write: () => false,
      sendMetadata: () => {},
    },
  ) as unknown as server.Subscriber['call'];

test('lets as much wait for a subscriber as it says, and no more', async () => {
  const room = new Set<server.Subscriber>();
  const { handlers } = server.liveChat(room);
  handlers.ReceiveMessage(stalled());
  const [subscriber] = room;
  const text = 'x'.repeat(4_000);
  // One is being written, and does not wait.
  for (let count = 0; count <= 15; count += 1) subscriber!.deliver({ user_name: 'Ada', text });
  expect(subscriber!.waiting).toHaveLength(15);
  expect(room.size).toBe(1);
  for (let count = 0; count < 15; count += 1) subscriber!.deliver({ user_name: 'Ada', text });
  expect(room.size).toBe(0);
});

test('keeps a subscriber for whom exactly as much waits as may', () => {
  const message: Message__Output = { user_name: 'Ada', text: 'Hello' };
  const measure = new server.Subscriber(stalled(), new Set(), Infinity);
  for (let count = 0; count < 2; count += 1) measure.deliver(message);
  const room = new Set<server.Subscriber>();
  const subscriber = new server.Subscriber(stalled(), room, measure.bytes);
  room.add(subscriber);
  for (let count = 0; count < 2; count += 1) subscriber.deliver(message);
  expect(room.size).toBe(1);
  subscriber.deliver(message);
  expect(room.size).toBe(0);
});

test('gives out one message a turn, however many come at once', async () => {
  let turn = 0;
  const turns: number[] = [];
  const { handlers } = server.liveChat(
    new Set([{ deliver: () => turns.push(turn) } as unknown as server.Subscriber]),
  );
  const send = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const call = { request: { user_name: 'Ada', text } } as Parameters<
        ChatServiceHandlers['SendMessage']
      >[0];
      handlers.SendMessage(call, () => resolve());
    });
  const sent = Promise.all(['one', 'two', 'three'].map(send));
  const count = (): void => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  await sent;
  clearImmediate(counting);
  expect(new Set(turns).size).toBe(3);
});
