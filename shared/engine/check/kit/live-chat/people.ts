/** People who talk and listen in a live chat: at the learner's server, or at one of the check's own. */
import { inspect } from 'node:util';
import { Metadata, status, type ClientReadableStream, type ServerWritableStream } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Empty__Output } from '#protos/generated/livechat/Empty.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { inTime, within } from '../time-limits.ts';
import { hear, replyTo, soon, type Heard } from '../calls.ts';
import { CheckFailure, must, same } from '../check-failure.ts';
import { serving } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { stalledAt, type Read, type Stalled } from '../stalled-reader.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** @returns so many messages, all different, each text at least so long */
export const numbered = (count: number, length = 0): Message__Output[] =>
  Array.from({ length: count }, (_, index) => ({
    user_name: `user ${index + 1}`,
    text: `message ${index + 1}`.padEnd(length, '.'),
  }));

/** @returns one line for each message */
export const linesOf = (messages: readonly Message[]): string[] =>
  messages.map(({ user_name, text }) => `${user_name}: ${text}`);

const shown = (line: string): string => inspect(line, { maxStringLength: 60 });

/** @returns how often this line is in the list, in words */
const timesIn = (list: readonly string[], line: string): string => {
  const times = list.filter((each) => each === line).length;
  return times === 0 ? 'not at all' : times === 1 ? 'once' : `${times} times`;
};

/**
 * Compares what somebody has heard with what was said, in whatever order: each line as often.
 *
 * @param advice - what to look for when a line is missing, and nothing tells more
 * @throws CheckFailure with a line that came too seldom, and one that came too often
 */
export const reachedAs = (heard: readonly string[], said: readonly string[], advice: string): void => {
  const countedOtherwise = (line: string): boolean => timesIn(heard, line) !== timesIn(said, line);
  const spoken = said.find((line) => countedOtherwise(line));
  const strange = heard.find((line) => timesIn(said, line) === 'not at all');
  if (spoken === undefined && strange === undefined) return;
  const line = spoken ?? strange!;
  const why = (): string => {
    if (strange !== undefined) return 'Hand on the message as it is, spaces and all.';
    if (timesIn(heard, line) === 'not at all') return advice;
    return 'Each message is delivered once, and a text that is said twice is two messages.';
  };
  const instead = strange === undefined ? '' : `, and ${shown(strange)}, which nobody has said`;
  throw new CheckFailure({
    expected: `${shown(line)} to be delivered ${timesIn(said, line)}`,
    came: timesIn(heard, line) + instead,
    advice: why(),
  });
};

/** Sends one message after the other. @returns the replies */
export const say = (stub: ChatServiceClient, messages: readonly Message[]): Promise<Message__Output[]> => {
  const advice = 'Call back once for each message, and wait for nobody who listens: deliver() never waits.';
  const saying = async (): Promise<Message__Output[]> => {
    const replies: Message__Output[] = [];
    for (const message of messages) {
      replies.push(await replyTo((options, done) => stub.sendMessage(message, options, done), advice));
    }
    return replies;
  };
  // Each may be quick enough by itself, and all of them take for ever.
  const expected = `messages to be acknowledged soon, one after the other: ${messages.length}`;
  return within(saying(), { expected, came: 'only some of them', advice });
};

/** Somebody who has subscribed, and reads. */
export interface SubscriptionReader {
  /** What has been heard in the end; or what there is, when a bound passes first. */
  heard: () => Promise<Heard<Message__Output>>;
  cancel: () => void;
}

/** @returns the reader of a call, of which `hearing` tells what comes */
export const readerOf = (
  call: Pick<ClientReadableStream<unknown>, 'cancel'>,
  hearing: Promise<Heard<Message__Output>>,
): SubscriptionReader => ({
  heard: async () => {
    const heard = await inTime(hearing);
    if (heard) return heard;
    call.cancel();
    return { ...(await hearing), ended: undefined };
  },
  cancel: () => call.cancel(),
});

/**
 * Subscribes at the learner's server, and reads.
 *
 * @param enough - after how many messages the reader leaves
 * @returns once the server's metadata has come, before which nobody knows of being subscribed: how to leave, and what
 *   has been heard in the end or when it has been waited for long enough
 */
export const subscribe = async (stub: ChatServiceClient, enough?: number): Promise<SubscriptionReader> => {
  const call = stub.receiveMessage({}, soon(3));
  const hearing = hear(call, enough);
  const begun = signal<string>();
  call.once('metadata', () => begun.send('metadata'));
  const ended = hearing.then(
    (heard) => `the end: ${status[heard.ended?.code ?? 0]}: ${heard.ended?.details}`,
  );
  const came = (await inTime(Promise.race([begun.sent, ended]))) ?? 'nothing';
  must(came === 'metadata', {
    expected: 'metadata at once, before there is any message, and the call to stay open',
    came,
    advice: came.startsWith('the end')
      ? 'Take in everybody, however many there are, and leave the call open: it ends when one side ends it.'
      : 'A call can send its metadata by itself. It is due when the subscriber is in: so its client knows that it is.',
  });
  return readerOf(call, hearing);
};

/** @returns somebody who has subscribed, and does not read, once the server's metadata has come */
export const stalled = async (address: string): Promise<Stalled<Message__Output>> => {
  const reader = stalledAt(address, ChatService.service.ReceiveMessage, {});
  await inTime(reader.begun);
  return reader;
};

/**
 * Brings up a server of the check's own.
 *
 * @param subscribeAt - makes one call of ReceiveMessage
 * @returns what that returns, and the call as the server has it
 */
export const bothEnds = async <Reader>(
  subscribeAt: (address: string) => Reader | Promise<Reader>,
): Promise<{ reader: Reader; call: ServerWritableStream<Empty__Output, Message> }> => {
  const opened = signal<ServerWritableStream<Empty__Output, Message>>();
  const ReceiveMessage: ChatServiceHandlers['ReceiveMessage'] = (call) => {
    call.sendMetadata(new Metadata());
    opened.send(call);
  };
  const reader = await subscribeAt(await serving(ChatService.service, { ReceiveMessage }));
  return { reader, call: await opened.sent };
};

/** Compares how a subscription has ended, and where they are given the messages before that. */
export const endedWith = (
  { ended, messages }: Pick<Read<Message__Output>, 'ended' | 'messages'>,
  code: status,
  advice: string,
  expected: readonly Message[] = messages,
): void => {
  must(ended?.code === code, {
    expected: `the subscriber's call to end with ${status[code]}`,
    came: ended ? `${status[ended.code]}: ${ended.details}` : 'no status',
    advice,
  });
  same(linesOf(messages), linesOf(expected), advice);
};
