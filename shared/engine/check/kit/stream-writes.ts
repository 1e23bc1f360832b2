import type { Writable } from 'node:stream';

/**
 * Counts what a handler writes.
 *
 * @param call - the call, before the learner's handler gets it
 * @param onWrite - is called before each message
 * @returns how many messages have been written to the call from now on, whenever it is asked
 */
export const countWrites = (call: Writable, onWrite = (): void => {}): (() => number) => {
  let count = 0;
  const { write } = call;
  call.write = (...given: unknown[]): boolean => {
    count += 1;
    onWrite();
    return Reflect.apply(write, call, given) as boolean;
  };
  return () => count;
};

/** Where a handler has written something that could not be sent any more. */
export type Late = 'when it was cancelled' | 'otherwise';

/**
 * @param call - the call, before the learner's handler gets it
 * @returns where the handler has written behind the end of its stream for the first time, whenever it is asked
 */
export const lateWrite = (call: Writable): (() => Late | undefined) => {
  let late: Late | undefined;
  let isTold = false;
  // All that listen for an event are called in one go, this one first.
  call.once('cancelled', () => {
    isTold = true;
    queueMicrotask(() => {
      isTold = false;
    });
  });
  countWrites(call, () => {
    if (call.writableEnded) late ??= isTold ? 'when it was cancelled' : 'otherwise';
  });
  return () => late;
};

/**
 * @param call - the call, before the learner's handler gets it
 * @returns whether the handler has destroyed it before it was ended, whenever it is asked; a client that goes counts not
 */
export const destroyedEarly = (call: Writable & { cancelled: boolean }): (() => boolean) => {
  let isDestroyed = false;
  call.once('close', () => {
    isDestroyed = !call.writableEnded && !call.cancelled;
  });
  return () => isDestroyed;
};
