import { status, type ServerWritableStream, type StatusObject } from '@grpc/grpc-js';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import type { FieldViolation } from '../grpc/error-details.ts';
import { textProblem } from '../grpc/text-limits.ts';
import { LogGone, NotInLog, type ChatLog } from './chat-log.ts';

/** One call of ReceiveMessage, as the server has it. */
export type Subscription = ServerWritableStream<object, Message>;

/** What the handlers of one server share. */
export interface Chat {
  log: ChatLog;
  subscriptions: Set<Subscription>;
}

/** How long a user name or a text may be, in characters. */
const longest = { max: 4_000 };

/** @returns what is wrong with a message; undefined when nothing is */
export const wrongIn = (message: Message__Output): FieldViolation[] | undefined => {
  const wrong = (['user_name', 'text'] as const).flatMap((field) => {
    const description = textProblem(message[field], longest);
    return description === undefined ? [] : [{ field, description }];
  });
  return wrong.length > 0 ? wrong : undefined;
};

/**
 * @param error - what a {@link ChatLog} has rejected with, or a status that was thrown
 * @returns the status that says so to a client
 * @throws the error itself when it is neither: then it is a fault
 */
export const statusOf = (error: unknown): Partial<StatusObject> => {
  if (error instanceof LogGone) return { code: status.UNAVAILABLE, details: error.message };
  if (error instanceof NotInLog) return { code: status.OUT_OF_RANGE, details: error.message };
  const thrown = error as Partial<StatusObject> | undefined;
  if (typeof thrown?.code === 'number') return thrown;
  throw error;
};

/** @returns a signal that is aborted when the call is over, whoever has ended it */
export const endOf = (call: Subscription): AbortSignal => {
  const over = new AbortController();
  for (const event of ['cancelled', 'error', 'finish']) call.once(event, () => over.abort());
  return over.signal;
};

/**
 * Writes a message, at the pace of whoever reads.
 *
 * @returns resolves when it has gone out, or the call is over
 */
export const written = (call: Subscription, message: Message): Promise<void> =>
  new Promise((resolve) => {
    if (call.writable) call.write(message, () => resolve());
    else resolve();
  });
