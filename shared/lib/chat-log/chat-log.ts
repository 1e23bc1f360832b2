import type { Message__Output } from '#protos/generated/livechat/Message.ts';

/** A message in the log. */
export interface Entry {
  /** How many messages there are up to it: the first of all has 1, the next one 2, and no number is left out. */
  position: number;
  message: Message__Output;
}

/** From where to where a log goes. */
export interface Ends {
  /** The position of the oldest message that it still has; 1 while it has none. */
  oldest: number;
  /** The position of the newest message; 0 while there is none. */
  newest: number;
}

/**
 * All messages of one chat, in one order, which several servers write to and read from. What was appended survives the end
 * of every server, whatever ends it.
 */
export interface ChatLog {
  /**
   * Puts a message at the end.
   *
   * @returns its position, once the log has it for good
   * @throws LogGone when that is not known: the message may be in the log, or not
   */
  append(message: Message__Output): Promise<number>;

  /** @throws LogGone when the log cannot be reached */
  ends(): Promise<Ends>;

  /**
   * Reads on, and waits for as long as there is nothing to read; also while the log is gone.
   *
   * @param after - the position of the last message that was read before; 0 reads from the first
   * @param over - when it is aborted, nobody waits any more
   * @returns the next messages, whoever wrote them: up to a hundred, in their order; none once `over` is aborted
   * @throws NotInLog when the next one has been trimmed away, or `after` is behind the end
   * @throws LogGone when the log has been closed
   */
  read(after: number, over: AbortSignal): Promise<Message__Output[]>;

  /** Calls a function when the log is gone, with false, and when it is back, with true. It is there when it has been opened. */
  watch(listener: (isThere: boolean) => void): void;

  close(): Promise<void>;
}

/** The log cannot be reached, or does not answer. It is looked for until it is back. */
export class LogGone extends Error {
  override name = 'LogGone';

  constructor() {
    super('The log of the chat cannot be reached.');
  }
}

/** A log does not have what stands behind a position. */
export class NotInLog extends Error {
  override name = 'NotInLog';

  constructor(after: number, { oldest, newest }: Ends) {
    super(
      `What comes after position ${after} is not in the log, which has ${oldest} to ${newest}. You have missed messages: subscribe without "after", or with one from ${oldest - 1} on.`,
    );
  }
}

/** Where a log is kept. Everything may reject: then the log is gone. */
export interface Engine {
  append(message: Message__Output): Promise<number>;
  ends(): Promise<Ends>;
  /** @returns up to `most` messages behind a position, in order; where some were trimmed away, those that are left */
  entries(after: number, most: number): Promise<Entry[]>;
  /** @returns the same, as soon as there are some; none when nothing came for a quarter of a second, or `over` is aborted */
  next(after: number, over: AbortSignal): Promise<Entry[]>;
  close(): Promise<void>;
}

/** How long {@link Engine.next} waits, in milliseconds. */
export const idleMs = 250;
