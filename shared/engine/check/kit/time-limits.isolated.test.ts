import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Bounds from './time-limits.ts';

// Whatever else this machine does.
vi.mock('../timeout-factor.ts', () => ({ timeoutFactor: () => 1 }));

describe('how long a check waits for one thing', () => {
  let bounds: typeof Bounds;
  beforeEach(async () => {
    vi.resetModules();
    bounds = await import('./time-limits.ts');
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is the same however long the checks before it took, as long as they passed', () => {
    const first = bounds.bound();
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    expect(bounds.bound()).toBe(first);
  });

  it('is three seconds at first, and several of them where there is much to do', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(bounds.bound()).toBe(3_000);
    const never = { expected: 'something', came: 'nothing', advice: '' };
    let outcome = 'waits';
    const waiting = bounds.within(new Promise(() => {}), never, 2).catch((error: Error) => {
      outcome = error.message;
    });
    await vi.advanceTimersByTimeAsync(5_999);
    expect(outcome).toBe('waits');
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(outcome).toBe('expected something, came nothing');
  });

  it('ends with what came in time, or with nothing, and leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await bounds.inTime(Promise.resolve('here'))).toBe('here');
    await expect(bounds.inTime(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
    const waiting = bounds.inTime(new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await waiting).toBeUndefined();
  });

  it('becomes shorter when checks fail by waiting, and never nothing', () => {
    const first = bounds.bound();
    const waits: number[] = [];
    for (let check = 0; check < 10; check += 1) {
      waits.push(bounds.bound());
      bounds.lose(bounds.bound());
    }
    expect(waits[1]).toBe(first);
    expect(waits.at(-1)).toBeGreaterThan(0);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThan(15_000);
  });
});
