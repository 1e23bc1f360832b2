import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { watchdog } from './watchdog.ts';

vi.mock('./timeout-factor.ts', () => ({ timeoutFactor: () => 1 }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** Moves time on. @returns whether the watchdog has given up by then */
const hasGivenUp = async (
  { silent }: ReturnType<typeof watchdog>,
  milliseconds: number,
): Promise<boolean> => {
  vi.advanceTimersByTime(milliseconds);
  return Promise.race([silent.then(() => true), nextTurn(false)]);
};

it('gives up on checks that give no sign of life for six seconds, however long they go on', async () => {
  const watching = watchdog();
  for (let second = 0; second < 100; second += 1) {
    watching.alive();
    expect(await hasGivenUp(watching, 1_000)).toBe(false);
  }
  expect(await hasGivenUp(watching, 4_999)).toBe(false);
  expect(await hasGivenUp(watching, 1)).toBe(true);
});

it('waits a minute for the first sign', async () => {
  const watching = watchdog();
  expect(await hasGivenUp(watching, 59_999)).toBe(false);
  expect(await hasGivenUp(watching, 1)).toBe(true);
});
