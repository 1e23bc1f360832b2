import { setTimeout as delay } from 'node:timers/promises';
import { placesOf, placeText } from '../../lesson/stack-trace.ts';
import { forgetOpen, lentStubClosed, openCalls, openStubs, type Open } from './lesson-clients.ts';
import type { Failure } from '../check-events.ts';

/** Something that can be left open: what it is, for the learner, and how it is ended. */
interface Left extends Open {
  end: string;
}

/** What keeps a process alive, by Node's names for it. */
const resources: Readonly<Record<string, Omit<Left, 'at'>>> = {
  TCPSocketWrap: { what: 'a connection', end: 'close() for a stub' },
  TCPServerWrap: { what: 'a server that still listens', end: 'stop for a server' },
  ProcessWrap: { what: 'a process', end: 'kill() for a process' },
  FSEventWrap: { what: 'a watched file', end: 'close() for a watcher' },
  Timeout: { what: 'a timer', end: 'clearTimeout or clearInterval for a timer' },
};

/** How long what a check has closed may take to be gone, in milliseconds. */
const leakTimeoutMs = 1_000;

/** The timers that are still to come, each with the place where it was set: it is read only for what is left. */
const timers = new Map<NodeJS.Timeout, Error>();

type Setter = (run: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => NodeJS.Timeout;

const noted =
  (set: Setter, once: boolean): Setter =>
  (run, delayed, ...args) => {
    // What is no function is refused in Node's own words.
    if (typeof run !== 'function') return set(run, delayed, ...args);
    const timer = set(
      (...given) => {
        if (once) timers.delete(timer);
        run(...given);
      },
      delayed,
      ...args,
    );
    timers.set(timer, new Error('set here'));
    return timer;
  };

// Which timer is left, Node does not tell; so they are noted as they are set.
globalThis.setTimeout = Object.assign(noted(setTimeout as Setter, true), setTimeout) as typeof setTimeout;
globalThis.setInterval = noted(setInterval as Setter, false) as typeof setInterval;
for (const name of ['clearTimeout', 'clearInterval'] as const) {
  const clear = globalThis[name];
  globalThis[name] = (timer) => {
    timers.delete(timer as NodeJS.Timeout);
    clear(timer);
  };
}

/** @returns where lesson code has set each timer that is still to come, and for which the process waits */
const placesOfTimers = (): string[] =>
  [...timers].flatMap(([timer, set]) => (timer.hasRef() ? placesOf(set).slice(0, 1).map(placeText) : []));

/** @returns what keeps this process alive, by Node's names for it */
const active = (): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (name in resources) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const all = counts.get('Timeout') ?? 0;
  // Vitest has a timer of its own now and then. Not all of a lesson's are noted: node:timers/promises sets others.
  const ofLesson = Math.max(Math.min(all, placesOfTimers().length), all - 1);
  if (ofLesson > 0) counts.set('Timeout', ofLesson);
  else counts.delete('Timeout');
  return counts;
};

const activeLeft = (): Left[] =>
  [...active()].flatMap(([name, count]) => {
    const at = (name === 'Timeout' && placesOfTimers()[0]) || '';
    return Array.from({ length: count }, () => ({ ...resources[name]!, at }));
  });

/** Waits until nothing is open any more, for a second at most. */
const goneOf = async (isOpen: () => boolean): Promise<void> => {
  const until = performance.now() + leakTimeoutMs;
  // One turn is mostly enough; after that, poll rarely, so that waiting takes no time from the code that closes.
  for (let pause = 0; isOpen() && performance.now() < until; pause = Math.min(50, pause * 2 + 1))
    await delay(pause, undefined, { ref: false });
};

const failureOf = (left: Left[], when: string): Failure | undefined => {
  if (left.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { what } of left) counts.set(what, (counts.get(what) ?? 0) + 1);
  const ends = [...new Set(left.map(({ end }) => end))];
  return {
    expected: `nothing to be left open once ${when}`,
    came: [...counts].map(([what, count]) => `${count > 1 ? `${count} of: ` : ''}${what}`).join(', '),
    advice: `End what your code has begun: ${ends.join(', ')}.`,
    at: left.find(({ at }) => at !== '')?.at ?? '',
  };
};

/**
 * Looks for calls that lesson code has left open when it says that it is done, while the other side is still there.
 *
 * @returns why the check fails; undefined when there is none
 */
export const callsLeft = async (): Promise<Failure | undefined> => {
  await goneOf(() => openCalls().length > 0);
  const calls = openCalls().map((call) => ({ ...call, end: 'end() or cancel() for a call' }));
  return failureOf(calls, 'both halves are done');
};

/**
 * Looks for what a check has left open, once everything that the check itself has opened is closed.
 *
 * @returns why the check fails; undefined when nothing is left
 */
export const whatIsLeft = async (): Promise<Failure | undefined> => {
  const closed = lentStubClosed();
  if (closed !== undefined) {
    return {
      expected: 'the stub that your function was given to be as usable after it as before',
      came: 'a stub that is closed',
      advice: 'End the call, and leave the stub to whoever has made it: other calls may be under way on it.',
      at: closed,
    };
  }
  await goneOf(() => active().size > 0);
  const stubs = openStubs().map((stub) => ({ ...stub, end: 'close() for a stub' }));
  return failureOf([...stubs, ...activeLeft()], 'the check is over');
};

/**
 * Forgets what lesson code has left open. Its timers are stopped: one that went off in the next check, and came upon a
 * step that is still to be written, would end that check's calls.
 */
export const forgetWhatIsLeft = (): void => {
  for (const [timer, set] of timers) if (timer.hasRef() && placesOf(set).length > 0) clearTimeout(timer);
  timers.clear();
  forgetOpen();
};
