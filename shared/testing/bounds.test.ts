import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Bounds from './bounds.ts';

describe('how long a check waits for one thing', () => {
  let bounds: typeof Bounds;
  beforeEach(async () => {
    vi.resetModules();
    bounds = await import('./bounds.ts');
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is the same however long the checks before it took, as long as they passed', () => {
    const first = bounds.bound();
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    expect(bounds.bound()).toBe(first);
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
