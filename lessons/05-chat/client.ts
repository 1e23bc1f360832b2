import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceClient } from '#protos/generated/chat/ChatService.ts';
import type { MessageReply__Output } from '#protos/generated/chat/MessageReply.ts';
import type { StatsReply__Output } from '#protos/generated/chat/StatsReply.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

type Sender = { user_from: string; chat_room: string };
type Print = (line: string) => void;

/** How long a program may wait for an answer, in milliseconds. The chat itself has no such limit: a person types. */
const patience = 15_000;

// Others have typed this. A control character in it could move your cursor, or forge a line: it becomes a space.
const shown = ({ user_from, chat_room, message }: MessageReply__Output): string =>
  `[${chat_room}] ${user_from}: ${message}`.replaceAll(/\p{Cc}/gu, ' ');

// Sends each line, or runs it when it is a command; prints each acknowledgement as it comes.
export const chat = async (
  stub: ChatServiceClient,
  sender: Sender,
  lines: AsyncIterable<string>,
  print: Print,
): Promise<void> => {
  const call = stub.sendAndReceiveMessage();
  let unanswered = 0;
  let onAllAnswered = (): void => {};

  const say = async (message: string): Promise<void> => {
    unanswered += 1;
    // False means: enough for now. A server that reads slowly sets the pace.
    if (!call.write({ ...sender, message })) await once(call, 'drain');
  };

  const run = async (line: string): Promise<void> => {
    // Calls keep no order among each other: what was said before must have arrived first.
    if (unanswered > 0) await new Promise<void>((resolve) => (onAllAnswered = resolve));
    await command(stub, line, print);
  };

  const hear = async (): Promise<void> => {
    for await (const reply of call) {
      print(`acknowledged: ${shown(reply)}`);
      unanswered -= 1;
      if (unanswered === 0) onAllAnswered();
    }
  };

  // TODO 5 · Send and hear until the server ends it
  throw new Error('Step 5 is not written yet');
};

// Each command is a call of its own, beside the chat and over the same connection.
export const command = async (stub: ChatServiceClient, name: string, print: Print): Promise<void> => {
  const options = { deadline: Date.now() + patience };
  if (name !== '/stats' && name !== '/history') {
    print(`There is no command ${name}. There are /stats and /history.`);
    return;
  }
  // TODO 6 · Ask for the stats and the history
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  user: { message: 'Who are you?', initial: 'Ada' },
  room: { message: 'Which room?', initial: 'lobby' },
  message: {
    message: 'Message, /stats or /history (blank: leave)',
    initial: ['Hello', 'Is anybody here?', '/stats', '/history'],
    piped: true,
  },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const sender = { user_from: await ask.one('user'), chat_room: await ask.one('room') };
  const stub = new ChatService(address, credentials.createInsecure());
  try {
    await chat(stub, sender, ask.each('message'), console.log);
  } finally {
    stub.close();
  }
};
