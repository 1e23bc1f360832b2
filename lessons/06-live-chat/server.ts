import { setImmediate as nextTurn } from 'node:timers/promises';
import { Metadata, status, type ServerWritableStream, type StatusObject } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Empty__Output } from '#protos/generated/livechat/Empty.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import { invalidArgument } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import { textProblem } from '#shared/grpc/text-limits.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** How long a user name or a text may be, in characters. */
const longest = { max: 4_000 };

/** How much may wait for one subscriber that does not read, in bytes: 15 texts of 4,000 characters, 400 short ones. */
const mostWaiting = 128 * 1_024;

// The most that a message takes of memory: two bytes for each unit of a string, and what is around them.
const bytesOf = ({ user_name, text }: Message__Output): number => 128 + 2 * (user_name.length + text.length);

// One call of ReceiveMessage, and what waits for its client to read on.
export class Subscriber {
  waiting: Message__Output[] = [];
  bytes = 0;
  writing = false;
  readonly call: ServerWritableStream<Empty__Output, Message>;
  readonly room: Set<Subscriber>;
  readonly limit: number;

  constructor(call: Subscriber['call'], room: Subscriber['room'], limit: number) {
    this.call = call;
    this.room = room;
    this.limit = limit;
  }

  // Sends what waits, one after the other. While `writing` is true, it is at work.
  writeNext(): void {
    const message = this.waiting.shift();
    this.writing = message !== undefined;
    if (!message) return;
    this.bytes -= bytesOf(message);
    // TODO 1 · Write at the pace of the reader
    throw new Error('Step 1 is not written yet');
  }

  // Called for each message, and never waits.
  deliver(message: Message__Output): void {
    this.waiting.push(message);
    this.bytes += bytesOf(message);
    if (!this.writing) this.writeNext();
    if (this.bytes > this.limit) {
      // TODO 2 · End one that does not keep up
      throw new Error('Step 2 is not written yet');
    }
  }

  // Forgets the subscriber, and ends its call. The status comes last: what waits goes out before it.
  end(failure: Pick<StatusObject, 'code' | 'details'>): void {
    this.room.delete(this);
    for (const message of this.waiting.splice(0)) this.call.write(message);
    this.call.emit('error', failure);
  }
}

const stopping = { code: status.UNAVAILABLE, details: 'The server is stopping.' };

// A check may look into the room, and set a lower limit.
export const liveChat = (room = new Set<Subscriber>(), limit = mostWaiting) => {
  let open = true;
  let lastTurn = Promise.resolve();

  const ReceiveMessage: ChatServiceHandlers['ReceiveMessage'] = (call) => {
    const subscriber = new Subscriber(call, room, limit);
    if (!open) {
      subscriber.end(stopping);
      return;
    }
    // TODO 3 · Take a subscriber in, and forget it when it has gone
    throw new Error('Step 3 is not written yet');
  };

  const SendMessage: ChatServiceHandlers['SendMessage'] = async ({ request: message }, callback) => {
    for (const field of ['user_name', 'text'] as const) {
      const problem = textProblem(message[field], longest);
      if (problem) return callback(invalidArgument(field, problem));
    }
    // One message a turn of Node's event loop: so fast can a stream be written to, and senders should not be faster.
    lastTurn = lastTurn.then(() => nextTurn());
    await lastTurn;
    if (!open) return callback(stopping);
    // TODO 4 · Give it to everybody, then acknowledge it
    throw new Error('Step 4 is not written yet');
  };

  const stop = (): void => {
    // TODO 5 · Stop, and lose nothing that was acknowledged
    throw new Error('Step 5 is not written yet');
  };

  return { handlers: { ReceiveMessage, SendMessage }, stop };
};

// `stop` is called first when the server is told to stop. Then open calls have a second: so long may they read on.
export const start = async (address: string): Promise<Listening> => {
  const { handlers, stop } = liveChat();
  return { ...(await serve(ChatService.service, handlers, address)), stop };
};
