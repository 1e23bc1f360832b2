import { setTimeout as delay } from 'node:timers/promises';
import { placesOf, placeText } from '../workbook/place.ts';
import type { Failure } from './progress.ts';

/** What keeps a process alive, by Node's names for it, in words for the learner. */
const words: Readonly<Record<string, string>> = {
  TCPSocketWrap: 'a connection',
  TCPServerWrap: 'a server that still listens',
  ProcessWrap: 'a process',
  FSEventWrap: 'a watched file',
  Timeout: 'a timer',
};

/** Vitest itself waits for a hook with a timer. */
const own: Readonly<Record<string, number>> = { Timeout: 1 };

/** How long what a check has closed may take to be gone, in milliseconds. */
const patience = 1_000;

/** The timers that lesson code has set and that are still to come, with the place where each was set. */
const timers = new Map<unknown, string>();

type Setter = (run: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => NodeJS.Timeout;

const noted =
  (set: Setter, once: boolean): Setter =>
  (run, delayed, ...args) => {
    // What is no function is refused in Node's own words.
    if (typeof run !== 'function') return set(run, delayed, ...args);
    const [place] = placesOf(new Error('set here'));
    const timer = set(
      (...given) => {
        if (once) timers.delete(timer);
        run(...given);
      },
      delayed,
      ...args,
    );
    if (place) timers.set(timer, placeText(place));
    return timer;
  };

// Which timer is left, Node does not tell; so those of lessons are noted as they are set.
globalThis.setTimeout = Object.assign(noted(setTimeout as Setter, true), setTimeout) as typeof setTimeout;
globalThis.setInterval = noted(setInterval as Setter, false) as typeof setInterval;
for (const name of ['clearTimeout', 'clearInterval'] as const) {
  const clear = globalThis[name];
  globalThis[name] = (timer) => {
    timers.delete(timer);
    clear(timer);
  };
}

const left = (): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (name in words) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of counts) {
    const more = count - (own[name] ?? 0);
    if (more > 0) counts.set(name, more);
    else counts.delete(name);
  }
  return counts;
};

/**
 * Looks for what a check has left open, once everything that the check itself has opened is closed.
 *
 * @returns why the check fails; undefined when nothing is left
 */
export const whatIsLeft = async (): Promise<Failure | undefined> => {
  const until = performance.now() + patience;
  // A turn at first, which is mostly enough; then now and then, so that waiting takes no processor from who closes.
  for (let pause = 0; left().size > 0 && performance.now() < until; pause = Math.min(50, pause * 2 + 1))
    await delay(pause, undefined, { ref: false });
  const counts = left();
  const [at = ''] = timers.values();
  timers.clear();
  if (counts.size === 0) return undefined;
  return {
    expected: 'nothing to be left open once the check is over',
    came: [...counts].map(([name, count]) => `${count > 1 ? `${count} of: ` : ''}${words[name]}`).join(', '),
    advice:
      'End what your code has begun: clearTimeout or clearInterval for a timer, close() for a stub, stop for a server.',
    at: counts.has('Timeout') ? at : '',
  };
};
