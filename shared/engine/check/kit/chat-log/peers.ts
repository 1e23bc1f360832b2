/** Servers of the check's own, for the learner's client. */
import { Metadata, status, type ServerWritableStream } from '@grpc/grpc-js';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import type { Listener, Place } from '#shared/chat-log/listeners.ts';
import { within } from '../time-limits.ts';
import { serving, stubAt } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { ChatService } from './servers.ts';

type Call = ServerWritableStream<object, Message>;

/** A server of the check's own. */
export interface ServerOfCheck {
  address: string;
  stub: ChatServiceClient;
  /** The calls of ReceiveMessage that have come. */
  calls: Call[];
}

/**
 * Brings one up.
 *
 * @param onCall - what it does with a call of ReceiveMessage, and the number of that call
 */
export const serverOfCheck = async (onCall: (call: Call, index: number) => void): Promise<ServerOfCheck> => {
  const calls: Call[] = [];
  const ReceiveMessage: ChatServiceHandlers['ReceiveMessage'] = (call) => {
    onCall(call, calls.push(call) - 1);
  };
  const address = await serving(ChatService.service, { ReceiveMessage });
  return { address, stub: stubAt(ChatService, address), calls };
};

/** Lets a subscription begin behind a position, as the lesson's servers do. */
export const begin = (call: Call, position: number): void => {
  const metadata = new Metadata();
  metadata.set('position', String(position));
  call.sendMetadata(metadata);
};

/** Lets a subscription begin, writes messages, and ends it, unless it is to stay open. */
export const play = (call: Call, position: number, messages: readonly Message[], end?: status): void => {
  begin(call, position);
  for (const message of messages) call.write(message);
  if (end !== undefined) call.emit('error', { code: end, details: 'the check says so' });
};

/** @returns the position that a client has sent; 'none' when it has sent none */
export const afterOf = (call: Call): string => call.metadata.get('after').join(' and ') || 'none';

/**
 * Brings up three servers whose calls hand on one part of a chat each, in the order in which they come, and end with
 * UNAVAILABLE; the last one stays open.
 *
 * @param first - the position behind which the chat begins
 * @returns their stubs; for each call which server has got it, and the position that has come with it; and those positions
 *   as they should be
 */
export const threeServers = async (parts: readonly (readonly Message[])[], first: number) => {
  const [servers, afters]: [number[], string[]] = [[], []];
  let position = first;
  const all = await Promise.all(
    [1, 2, 3].map((server) =>
      serverOfCheck((call) => {
        const part = parts[afters.length] ?? [];
        servers.push(server);
        const isLast = afters.push(afterOf(call)) >= parts.length;
        play(call, position, part, isLast ? undefined : status.UNAVAILABLE);
        position += part.length;
      }),
    ),
  );
  let heard = first;
  const behind = parts.map((part, index) => {
    const after = index === 0 ? 'none' : String(heard);
    heard += part.length;
    return after;
  });
  return { stubs: all.map(({ stub }) => stub), servers, afters, behind };
};

/**
 * Brings up a server that writes a message of its subscription whenever `next` is called, and then ends it with UNAVAILABLE.
 *
 * @param position - the one behind which it begins
 */
export const turnByTurn = async (position: number, messages: readonly Message[]) => {
  const opened = signal<Call>();
  const left = [...messages];
  const { stub } = await serverOfCheck((call) => {
    begin(call, position);
    opened.send(call);
  });
  const next = (): void => {
    void opened.sent.then((call) => {
      const message = left.shift();
      if (message) call.write(message);
      else call.emit('error', { code: status.UNAVAILABLE, details: 'the check says so' });
    });
  };
  return { stub, next };
};

/** A listener for the learner's `stay`, and what becomes of it. */
export interface ListenerOfCheck {
  listener: Listener;
  heard: Message__Output[];
  place: Place;
  leave: () => void;
  /** How often it was waited between two servers so far. */
  pauses: () => number;
}

/**
 * @param stubs - the servers
 * @param options - what to do at each pause, and with each message
 */
export const listenerOf = (
  stubs: readonly ChatServiceClient[],
  {
    onPause = () => {},
    onMessage = () => {},
  }: {
    onPause?: () => Promise<void> | void;
    onMessage?: (message: Message__Output, heard: number) => void;
  } = {},
): ListenerOfCheck => {
  const heard: Message__Output[] = [];
  const place: Place = {};
  const leaving = new AbortController();
  let pauses = 0;
  const listener: Listener = {
    stubs,
    place,
    leaving: leaving.signal,
    onMessage: (message) => onMessage(message, heard.push(message)),
    pause: async () => {
      pauses += 1;
      await onPause();
    },
  };
  return { listener, heard, place, leave: () => leaving.abort(), pauses: () => pauses };
};

/** Waits for something of the check's own. */
export const came = <T>(promise: Promise<T>, expected: string, advice: string): Promise<T> =>
  within(promise, { expected, came: 'nothing', advice });
