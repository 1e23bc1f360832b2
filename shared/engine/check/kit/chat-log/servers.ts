/** The learner's servers over a log, and who listens to them. */
import { Metadata, status } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import type { ChatLog, Ends } from '#shared/chat-log/chat-log.ts';
import { openLog } from '#shared/chat-log/open-log.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { HealthService } from '#shared/health/health.ts';
import { becomes, inTime } from '../time-limits.ts';
import { hear, soon } from '../calls.ts';
import { must, same } from '../check-failure.ts';
import { awkwardTexts, integer, oneOf, someNames, someOf } from '../random-inputs.ts';
import { linesOf, readerOf, type SubscriptionReader } from '../live-chat/people.ts';
import { started, stubAt, tracked } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { tempFolder } from '../test-folder.ts';

export const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** @returns the file of a log that is not there yet */
export const newFile = (): string => `${tempFolder()}/chat.db`;

/** @returns a log that is closed after the check; what is opened on the same file is the same chat */
export const logAt = async (file = newFile(), keep = 1_000): Promise<ChatLog> => {
  const log = await openLog(file, String(keep));
  // With the servers, and before it is looked for what is left open.
  tracked({ forceShutdown: () => log.close() });
  return log;
};

/** @returns two servers' logs that are one chat */
export const twoLogs = async (): Promise<[ChatLog, ChatLog]> => {
  const file = newFile();
  return [await logAt(file), await logAt(file)];
};

/** @returns a message to the chat, with a text of its own */
export const aMessage = (text: string): Message__Output => ({ user_name: oneOf(someNames(3)), text });

/** @returns so many messages with texts of their own */
export const someMessages = (count: number, what = 'message'): Message__Output[] =>
  Array.from({ length: count }, (_, index) => aMessage(`${what} ${index + 1}`));

/** @returns messages whose texts have to come through as they are; the last two are the same */
export const awkwardMessages = (count: number): Message__Output[] => {
  const texts = someOf(awkwardTexts, count);
  return [...texts, texts.at(-1)!].map((text) => ({ user_name: text, text }));
};

/** Puts messages into a log, one after the other. */
export const written = async (log: ChatLog, messages: readonly Message__Output[]): Promise<void> => {
  for (const message of messages) await log.append(message);
};

/** @returns all that a log has, in its order, as lines */
export const linesIn = async (log: ChatLog): Promise<string[]> => {
  const { oldest, newest } = await log.ends();
  const lines: string[] = [];
  while (lines.length < newest - oldest + 1) {
    lines.push(...linesOf(await log.read(oldest - 1 + lines.length, AbortSignal.timeout(3_000))));
  }
  return lines;
};

/** Somebody who has subscribed, and the position behind which that begins, as the server says. */
export interface Subscribed extends SubscriptionReader {
  position: number;
}

/**
 * Subscribes at the learner's server.
 *
 * @param after - the position that is sent; undefined sends none
 * @param enough - after how many messages to leave
 * @returns once the server has said where the subscription begins
 */
export const subscribed = async (
  stub: ChatServiceClient,
  after?: number,
  enough?: number,
): Promise<Subscribed> => {
  const metadata = new Metadata();
  if (after !== undefined) metadata.set('after', String(after));
  const call = stub.receiveMessage({}, metadata, soon(3));
  const hearing = hear(call, enough);
  const begins = signal<Metadata>();
  call.once('metadata', begins.send);
  const ended = hearing.then((heard) => `${status[heard.ended?.code ?? 0]}: ${heard.ended?.details}`);
  const came = await inTime(Promise.race([begins.sent, ended]));
  must(came instanceof Metadata, {
    expected: 'the subscription to begin',
    came: came instanceof Metadata ? 'metadata' : (came ?? 'nothing'),
    advice: 'Look at the lines above this step: they send the metadata once it is known where to begin.',
  });
  return { position: Number(came.get('position')[0]), ...readerOf(call, hearing) };
};

/** Sends a message to the learner's server. @returns how that has ended */
export const sent = (stub: ChatServiceClient, message: Message): Promise<string> =>
  new Promise((resolve) => {
    stub.sendMessage(message, soon(), (error, reply) =>
      resolve(error ? `${status[error.code]}: ${error.details}` : `OK: ${linesOf([reply!])[0]}`),
    );
  });

/** @returns how {@link sent} ends when a message is acknowledged */
export const okWith = (message: Message): string => `OK: ${linesOf([message])[0]}`;

type ReceiveMessage = ChatServiceHandlers['ReceiveMessage'];

/** @returns the learner's handlers, with each call of ReceiveMessage noted before they get it */
export const eachCall = (
  handlers: ChatServiceHandlers,
  note: (call: Parameters<ReceiveMessage>[0]) => void,
): ChatServiceHandlers => ({
  ...handlers,
  ReceiveMessage: (call) => {
    note(call);
    return handlers.ReceiveMessage(call);
  },
});

/** Lets a log take no message before the check says so. */
export const heldAppends = (log: ChatLog): { asked: number; goOn: () => void } => {
  const { append } = log;
  const goOn = signal();
  const held = { asked: 0, goOn: () => goOn.send() };
  log.append = async (message) => {
    held.asked += 1;
    await goOn.sent;
    return append.call(log, message);
  };
  return held;
};

/** Watches the reading of a log. */
export const watchedReads = (log: ChatLog): { count: number; open: number } => {
  const reads = { count: 0, open: 0 };
  const { read } = log;
  log.read = async (after, over) => {
    reads.count += 1;
    reads.open += 1;
    try {
      return await read.call(log, after, over);
    } finally {
      reads.open -= 1;
    }
  };
  return reads;
};

/** @returns the ends of a log from which something was trimmed away */
export const someEnds = (): Ends => {
  const oldest = integer(5, 9_000);
  return { oldest, newest: oldest + integer(3, 900) };
};

/**
 * Asks the learner's function where a subscription begins.
 *
 * @param expected - the position, or the name of the status that it has to throw
 */
export const beginsAt = (
  beginning: (metadata: Metadata, ends: Ends) => number,
  after: string | undefined,
  ends: Ends,
  expected: string,
  advice: string,
): void => {
  const metadata = new Metadata();
  if (after !== undefined) metadata.set('after', after);
  const begins = (): string => {
    try {
      return String(beginning(metadata, { ...ends }));
    } catch (error) {
      const { code, details } = error as { code?: status; details?: unknown };
      if (code === undefined) throw error;
      const words = typeof details === 'string' && details.trim() !== '' ? '' : ' without details';
      return `${status[code]}${words}`;
    }
  };
  const asked = after === undefined ? 'no after' : `after ${JSON.stringify(after)}`;
  same(`${asked}: ${begins()}`, `${asked}: ${expected}`, advice);
};

type Start = (address: string, values: { log: string; keep: string }) => Promise<Listening>;

/** Starts the learner's servers as one chat. @returns their addresses, and how one is stopped */
export const startedTogether = async (start: Start, count: number, file = newFile()) => {
  const stops: (() => Promise<void>)[] = [];
  const addresses: string[] = [];
  for (let index = 0; index < count; index += 1) {
    let stopped: Promise<void> | undefined;
    const address = await started(async () => {
      const listening = await start('127.0.0.1:0', { log: file, keep: '1000' });
      stops[index] = () => (stopped ??= Promise.resolve(listening.stop?.()));
      return { ...listening, stop: stops[index]! };
    });
    addresses.push(address);
  }
  return { addresses, stop: (index: number): Promise<void> => stops[index]!() };
};

/**
 * Watches the health of a server.
 *
 * @returns waits until whoever watches has heard so much, and nothing else
 */
export const watched = async (address: string, service: string) => {
  const told: string[] = [];
  const watch = stubAt(HealthService, address).Watch({ service }, soon(3));
  watch.on('data', ({ status: serving }) => told.push(serving)).on('error', () => {});
  return (...expected: string[]): Promise<void> =>
    becomes(
      () => told.join() === expected.join(),
      () => ({
        expected: `whoever watches to hear ${expected.join(', ')}`,
        came: told.join(', ') || 'nothing',
        advice:
          'logIsThere is called with false, and with true once the log is back: set the health each time.',
      }),
    );
};
