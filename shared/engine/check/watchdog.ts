import { timeoutFactor } from './timeout-factor.ts';

/** How long checks may go without a sign of life before they count as looping, in milliseconds. They give one each second. */
const silenceTimeoutMs = 6_000;

/** How long vitest may take to begin with the first check, in milliseconds. */
const startTimeoutMs = 60_000;

/**
 * Watches checks that may loop without end.
 *
 * @returns what they call at each sign of life, and a promise that resolves when none came for too long
 */
export const watchdog = (): { alive: () => void; silent: Promise<'silent'> } => {
  let alive = (): void => {};
  const silent = new Promise<'silent'>((resolve) => {
    let timer = setTimeout(resolve, startTimeoutMs * timeoutFactor(), 'silent');
    timer.unref();
    alive = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, silenceTimeoutMs * timeoutFactor(), 'silent');
      timer.unref();
    };
  });
  return { alive, silent };
};
