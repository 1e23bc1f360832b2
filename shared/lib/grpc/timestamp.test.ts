import { describe, expect, it } from 'vitest';
import { isoTime, timestampOf } from './timestamp.ts';

describe('a moment as a message', () => {
  it.each([
    [0, '0', 0],
    [1_700_000_000_123, '1700000000', 123_000_000],
    [1_700_000_000_000, '1700000000', 0],
    [-1, '-1', 999_000_000],
  ])('%d milliseconds are %s seconds and %d nanoseconds', (milliseconds, seconds, nanos) => {
    expect(timestampOf(milliseconds)).toEqual({ seconds, nanos });
    expect(isoTime(timestampOf(milliseconds))).toBe(new Date(milliseconds).toISOString());
  });

  it('is empty when it was not sent', () => {
    expect(isoTime(null)).toBe('');
  });
});
