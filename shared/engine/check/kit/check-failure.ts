import { isDeepStrictEqual, inspect } from 'node:util';

/** Why a check refuses an answer: what was expected, what came, and what to do about it. */
export class CheckFailure extends Error {
  override name = 'CheckFailure';
  readonly expected: string;
  readonly came: string;
  readonly advice: string;

  constructor({ expected, came, advice }: { expected: string; came: string; advice: string }) {
    super(`expected ${expected}, came ${came}`);
    this.expected = expected;
    this.came = came;
    this.advice = advice;
  }
}

const text = (value: unknown): string =>
  inspect(value, { depth: 6, breakLength: 60, maxArrayLength: 10, maxStringLength: 200, sorted: true });

/**
 * Compares by value.
 *
 * @param came - what the learner's code gave
 * @param expected - what it should have been
 * @param advice - one sentence on what to look for when they differ
 * @throws CheckFailure when they differ
 */
export const same = (came: unknown, expected: unknown, advice: string): void => {
  // Messages from protobuf have a prototype of their own; only their fields count.
  const plain = (value: unknown): unknown =>
    value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(plain(came), plain(expected))) {
    throw new CheckFailure({ expected: text(expected), came: text(came), advice });
  }
};

/**
 * @param condition - what must be true
 * @param failure - what to say when it is not
 * @throws CheckFailure when the condition does not hold
 */
export function must(
  condition: unknown,
  failure: { expected: string; came: string; advice: string },
): asserts condition {
  if (!condition) throw new CheckFailure(failure);
}
