import { setImmediate as nextTurn } from 'node:timers/promises';
import { timeoutFactor } from '../timeout-factor.ts';
import { CheckFailure, must } from './check-failure.ts';

/** The longest that a check waits for one thing, in milliseconds. */
const stepTimeoutMs = 3_000;

/** What the failed checks of a lesson may last in sum, in milliseconds: however much hangs, a verdict comes within 15 seconds. */
const budget = 10_500;

let lost = 0;

/** How slow this machine is while the checks run. */
const slow = timeoutFactor();

/**
 * Shortens later waits by the time that failed checks have taken. A slow machine alone shortens nothing.
 *
 * @param duration - how long a check has lasted that has failed, in milliseconds
 */
export const lose = (duration: number): void => {
  lost += duration / slow;
};

/** @returns how long the next wait may last, in milliseconds: shorter when much has been waited for in vain */
export const bound = (): number => Math.min(stepTimeoutMs, Math.max(300, budget - lost)) * slow;

const late = Symbol('late');

const orLate = async <T>(promise: PromiseLike<T>, bounds = 1): Promise<T | typeof late> => {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<typeof late>((resolve) => {
    timer = setTimeout(resolve, bounds * bound(), late);
  });
  try {
    return await Promise.race([promise, passed]);
  } finally {
    clearTimeout(timer);
  }
};

/** What to say when something does not come. */
interface Never {
  expected: string;
  came: string;
  advice: string;
}

/**
 * Waits for something that a right answer brings about at once, and gives up after a bound.
 *
 * @param promise - what is waited for
 * @param never - what to say when it does not come: what was expected, what came instead, and what to look for; a
 *   function where that is known only then
 * @param bounds - how many bounds it may take: more than one where much has to be done
 * @returns what the promise resolves with
 * @throws CheckFailure when the bound passes first; or what the promise is rejected with
 */
export const within = async <T>(
  promise: PromiseLike<T>,
  never: Never | (() => Never),
  bounds?: number,
): Promise<T> => {
  const came = await orLate(promise, bounds);
  if (came === late) throw new CheckFailure(typeof never === 'function' ? never() : never);
  return came;
};

/**
 * Waits for something, and goes on without it after a bound: what is missing then is for the caller to judge.
 *
 * @param promise - what is waited for
 * @returns what the promise resolves with; undefined when the bound passes first
 */
export const inTime = async <T>(promise: PromiseLike<T>): Promise<T | undefined> => {
  const came = await orLate(promise);
  return came === late ? undefined : came;
};

/**
 * Looks again and again until something is so.
 *
 * @param isSo - looks
 * @param never - what to say when it does not come to be so within a bound
 */
export const becomes = async (
  isSo: () => boolean,
  never: Parameters<typeof must>[1] | (() => Parameters<typeof must>[1]),
): Promise<void> => {
  const until = performance.now() + bound();
  while (!isSo() && performance.now() < until) await nextTurn();
  must(isSo(), typeof never === 'function' ? never() : never);
};

/**
 * Looks after what the learner's function has begun.
 *
 * @param promise - what it has returned
 * @returns the promise, and whether it is still open
 * @throws what it is rejected with at once: a step that is not written, for example
 */
export const begun = async <T>(
  promise: Promise<T>,
): Promise<{ promise: Promise<T>; isOpen: () => boolean }> => {
  let open = true;
  const close = (): void => {
    open = false;
  };
  promise.then(close, close);
  await nextTurn();
  if (!open) await promise;
  return { promise, isOpen: () => open };
};
