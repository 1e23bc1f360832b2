import { setImmediate as nextTurn } from 'node:timers/promises';
import { failureOf, faultOf, faults, type Failure } from '../faults.ts';

/** How to end each call that is still open: what is left to do when an error cannot be traced to its call. */
export const openCalls = new Set<(failure: Failure) => void>();

/**
 * Takes an error that reached the process itself: thrown in a timer, or a promise that nobody awaited.
 * Which call it belongs to cannot be known, so every open call of this process ends with it.
 */
export const failOpenCalls = (error: unknown): void => {
  const fault = faultOf(error);
  faults.publish(fault);
  for (const end of openCalls) end(failureOf(fault));
};

/** Resolves once no call is open. A connection that is lost is gone some turns before its calls have told of it. */
export const callsHaveEnded = async (): Promise<void> => {
  while (openCalls.size > 0) await nextTurn();
};
