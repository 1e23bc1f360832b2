import { onTestFinished, vi } from 'vitest';

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
