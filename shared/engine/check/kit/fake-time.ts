import { onTestFinished, vi } from 'vitest';
import { placesOf } from '../../lesson/stack-trace.ts';

/**
 * Moves the clock on for the rest of a check: `Date.now()` is later, and no timer is touched. What was computed when a
 * file was loaded, such as a deadline, is in the past then.
 *
 * @param milliseconds - how far
 */
export const moveTimeOn = (milliseconds: number): void => {
  const later = Date.now() + milliseconds;
  vi.useFakeTimers({ toFake: ['Date'], now: later });
  onTestFinished(() => {
    vi.useRealTimers();
  });
};

/** Lets the timers that lesson code sets for the rest of a check go off at once: whatever waits for a silence has had it. */
export const hurryTimers = (): void => {
  const { setTimeout: set } = globalThis;
  const hurried = ((callback: () => void, delay?: number, ...args: []) =>
    set(callback, placesOf(new Error('a timer')).length > 0 ? 0 : delay, ...args)) as typeof setTimeout;
  globalThis.setTimeout = Object.assign(hurried, set);
  onTestFinished(() => {
    globalThis.setTimeout = set;
  });
};
