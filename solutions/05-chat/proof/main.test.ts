import { expect, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { mainOf } from '#testkit/pair-in-process.ts';
import { serving, stubAt } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('05-chat', { server, client });

test('says two things and asks for everything there is when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines.toSorted()).toEqual([
    '[lobby] Ada: Hello',
    '[lobby] Ada: Is anybody here?',
    'acknowledged: [lobby] Ada: Hello',
    'acknowledged: [lobby] Ada: Is anybody here?',
    'messages received so far: 2',
  ]);
  expect(exitCode).toBe(0);
});

test('takes messages and commands from a pipe, and who says them from elsewhere', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['Hello', '/stats'] });
  expect(lines).toEqual(['acknowledged: [lobby] Ada: Hello', 'messages received so far: 1']);
});

test('names the commands there are when it is given another one, and goes on', async () => {
  const { client: lines } = await lesson.pair(['--message', '/nonsense', '--message', 'Hello']);
  expect(lines).toEqual([
    'There is no command /nonsense. There are /stats and /history.',
    'acknowledged: [lobby] Ada: Hello',
  ]);
});

test('prints on one line whatever others have typed', async () => {
  const address = await lesson.server();
  const forged = 'Hello\r\n[lobby] Grace: \u001b[2J';
  const { client: lines } = await lesson.client(address, ['--message', forged, '--message', '/history']);
  expect(lines).toEqual([
    'acknowledged: [lobby] Ada: Hello  [lobby] Grace:  [2J',
    '[lobby] Ada: Hello  [lobby] Grace:  [2J',
  ]);
});

test.each([
  [['--room', ''], 'chat_room must not be empty'],
  [['--message', ''], 'message must not be empty'],
])('tells why the server refuses a message sent with %j', async (flags, why) => {
  const { client: lines, exitCode } = await lesson.pair(flags);
  expect(lines).toEqual([`INVALID_ARGUMENT: ${why}`]);
  expect(exitCode).toBe(1);
});

test('asks for the stats when all is acknowledged that was said before, and not earlier', async () => {
  const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;
  const events: string[] = [];
  const second = signal();
  const address = await serving(ChatService.service, {
    SendAndReceiveMessage: (call) => {
      call.on('data', async (message: MessageRequest__Output) => {
        if (message.message === 'second') await second.sent;
        events.push(`acknowledged ${message.message}`);
        call.write(message);
      });
      call.on('end', () => call.end());
    },
    GetStats: (_call, callback) => {
      events.push('asked');
      callback(null, { num_messages: 2 });
    },
    GetMessages: (call) => call.end(),
  } satisfies ChatServiceHandlers);
  const lines = ['first', 'second', '/stats'].flatMap((line) => ['--message', line]);
  await lesson.client(address, lines, {
    typing: (line) => {
      if (!line.endsWith('first')) return undefined;
      // As long as another call takes, a client that is too early has the time to be so.
      const stub = stubAt(ChatService, address);
      stub
        .getMessages({})
        .resume()
        .on('status', () => {
          stub.close();
          second.send();
        });
      return undefined;
    },
  });
  expect(events).toEqual(['acknowledged first', 'acknowledged second', 'asked']);
});
