import { createHook } from 'node:async_hooks';
import { placesOf } from '../../lesson/stack-trace.ts';
import { bound } from './time-limits.ts';
import { must } from './check-failure.ts';

/** Watches all timers of one duration: of `setTimeout`, `setInterval` or `node:timers/promises`. */
export interface TimerWatch {
  /** Resolves with true as soon as none of them is left, and with false when some are still there after a bound. */
  allGone(): Promise<boolean>;
  stop(): void;
}

/**
 * Begins to watch timers. Choose a duration that nothing else uses.
 *
 * @param duration - in milliseconds
 * @returns the watch; stop it when the check is over
 */
export const watchTimers = (duration: number): TimerWatch => {
  const alive = new Set<number>();
  let onGone = (): void => {};
  const hook = createHook({
    init(id, type, _trigger, resource) {
      // Node keeps a timer's duration under this name in every version the workbook runs on; the staircase
      // would show it if that changed, because a check that sees no timers cannot fail.
      if (type === 'Timeout' && (resource as { _idleTimeout?: number })._idleTimeout === duration)
        alive.add(id);
    },
    destroy(id) {
      if (alive.delete(id) && alive.size === 0) onGone();
    },
  }).enable();
  return {
    allGone: () =>
      new Promise((resolve) => {
        if (alive.size === 0) resolve(true);
        onGone = () => resolve(true);
        setTimeout(() => resolve(alive.size === 0), Math.min(1_000, bound())).unref();
      }),
    stop: () => {
      hook.disable();
    },
  };
};

/** @returns whether the lesson's own code has called what starts the timer of this moment, and not grpc-js on its behalf */
const isSetByLesson = (): boolean => {
  const caller = new Error('a timer').stack
    ?.split('\n')
    .slice(1)
    .find((frame) => !/node:|check[\\/]kit[\\/]/.test(frame));
  return placesOf(Object.assign(new Error(), { stack: `Error\n${caller ?? ''}` })).length > 0;
};

/**
 * Notes the timers that are started from now on, of whatever kind.
 *
 * @returns `times` says how many timers of that duration there were so far: no end of them when one repeats; `ofLesson`
 *   has the durations of those that the lesson's own code has started, in milliseconds; `noneOfLesson` demands that there
 *   are none; `hasRepeated` says whether one of the lesson's own repeats
 */
export const timersStarted = (): {
  times: (milliseconds: number) => number;
  ofLesson: readonly number[];
  noneOfLesson: (advice: string) => void;
  hasRepeated: () => boolean;
  stop: () => void;
} => {
  const durations: number[] = [];
  const ofLesson: number[] = [];
  let repeated: number | undefined;
  let hasRepeated = false;
  const hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (type !== 'Timeout') return;
      const { _idleTimeout: duration, _repeat: repeat } = resource as {
        _idleTimeout: number;
        _repeat: number | null;
      };
      durations.push(duration);
      if (isSetByLesson()) {
        ofLesson.push(duration);
        hasRepeated ||= repeat !== null;
      }
      repeated = repeat ?? repeated;
    },
  }).enable();
  return {
    ofLesson,
    noneOfLesson: (advice) =>
      must(ofLesson.length === 0, {
        expected: 'what is asked for at once, without a timer',
        came: `a timer of ${ofLesson[0]} ms`,
        advice,
      }),
    hasRepeated: () => hasRepeated,
    times: (milliseconds) =>
      repeated === milliseconds ? Infinity : durations.filter((each) => each === milliseconds).length,
    stop: () => {
      hook.disable();
    },
  };
};
