import { CheckFailure } from './check-failure.ts';

/** The longest that a check waits for one thing, in milliseconds. */
const patience = 3_000;

/** What the failed checks of a lesson may last in sum, in milliseconds: however much hangs, a verdict comes within 15 seconds. */
const budget = 10_500;

let lost = 0;

/**
 * Shortens the waits to come. Only what has failed counts: who is slow, on a busy machine, has not waited in vain.
 *
 * @param duration - how long a check has lasted that has failed, in milliseconds
 */
export const lose = (duration: number): void => {
  lost += duration;
};

/** @returns how long the next wait may last, in milliseconds: shorter when much has been waited for in vain */
export const bound = (): number => Math.min(patience, Math.max(300, budget - lost));

/**
 * Waits for something that a right answer brings about at once, and gives up after a bound.
 *
 * @param promise - what is waited for
 * @param never - what to say when it does not come: what was expected, what came instead, and what to look for
 * @returns what the promise resolves with
 * @throws CheckFailure when the bound passes first; or what the promise is rejected with
 */
export const within = async <T>(
  promise: PromiseLike<T>,
  never: { expected: string; came: string; advice: string },
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailure(never)), bound());
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
