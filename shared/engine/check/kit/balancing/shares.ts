/** Who of several servers is called, and how often. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import { CheckFailure } from '../check-failure.ts';
import { bound } from '../time-limits.ts';
import { answered, type OneOfMany } from './servers.ts';

/**
 * Makes calls, one after the other.
 *
 * @param pause - how long to wait after each, in milliseconds
 * @returns how many of them each server got
 */
export const shareOut = async (
  stub: HelloClient,
  servers: readonly OneOfMany[],
  count: number,
  pause = 0,
): Promise<number[]> => {
  const before = servers.map(({ calls }) => calls.length);
  for (let made = 0; made < count; made += 1) {
    await answered(stub);
    if (pause > 0) await delay(pause);
  }
  return servers.map(({ calls }, index) => calls.length - before[index]!);
};

/** @returns who has got calls, in words that are the same in each run */
export const inWords = (counts: readonly number[]): string => {
  const called = counts.filter((count) => count > 0);
  if (called.length < counts.length) return `calls for ${called.length} of ${counts.length} servers`;
  return Math.max(...counts) - Math.min(...counts) <= 2 ? 'as many for each of them' : 'other shares';
};

/**
 * Makes calls in small rounds, until the servers have got what was waited for.
 *
 * @param round - how many calls a round has, and how long to wait after each
 * @param isSo - looks at what each server has got in the last round
 * @param never - what to say when that does not come to be
 * @param within - for how long, in milliseconds: by default as long as a check waits for anything
 */
export const sharedOut = async (
  stub: HelloClient,
  servers: readonly OneOfMany[],
  round: [count: number, pause?: number],
  isSo: (counts: readonly number[]) => boolean,
  never: { expected: string; advice: string; came?: (counts: readonly number[]) => string },
  within = bound(),
): Promise<number[]> => {
  let isOver = false;
  // A timer tells the end: those that it is compared with, of grpc-js, are as late as it is where a machine is busy.
  const timer = setTimeout(() => {
    isOver = true;
  }, within);
  try {
    for (;;) {
      const wasOver = isOver;
      const counts = await shareOut(stub, servers, ...round);
      if (isSo(counts)) return counts;
      if (wasOver) throw new CheckFailure({ ...never, came: (never.came ?? inWords)(counts) });
    }
  } finally {
    clearTimeout(timer);
  }
};

/** Calls until each of them has been called: from then on, all are connected. */
export const allCalled = async (
  stub: HelloClient,
  servers: readonly OneOfMany[],
  advice: string,
): Promise<void> => {
  const expected = 'each server to get calls';
  await sharedOut(
    stub,
    servers,
    [servers.length * 2],
    (counts) => counts.every(Boolean),
    { expected, advice },
    700,
  );
};
