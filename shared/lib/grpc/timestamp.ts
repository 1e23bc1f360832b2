import type { Timestamp__Output } from '#protos/generated/google/protobuf/Timestamp.ts';

/**
 * @param milliseconds - a whole number of milliseconds since 1970, as `Date.now()` gives it
 * @returns the same moment as a message: whole seconds, and the rest in nanoseconds
 */
export const timestampOf = (milliseconds: number): Timestamp__Output => {
  // Rounded down, not towards zero: nanos counts forwards, before 1970 too.
  const seconds = Math.floor(milliseconds / 1_000);
  return { seconds: String(seconds), nanos: (milliseconds - seconds * 1_000) * 1_000_000 };
};

/**
 * @param timestamp - a moment as a message; null when it was not sent
 * @returns the moment for a person, as `2026-01-31T12:00:00.000Z`; an empty text for null
 */
export const isoTime = (timestamp: Timestamp__Output | null): string =>
  timestamp ? new Date(Number(timestamp.seconds) * 1_000 + timestamp.nanos / 1_000_000).toISOString() : '';
