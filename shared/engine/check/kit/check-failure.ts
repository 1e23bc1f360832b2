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
  inspect(value, { depth: 6, breakLength: 60, maxArrayLength: 10, maxStringLength: 100, sorted: true });

/** A list that has more items is shown by the first item that differs. */
const mostItems = 4;

/** @returns both values as they are shown: of long lists what differs first, and where */
const shown = (came: unknown, expected: unknown): { came: string; expected: string } => {
  if (!Array.isArray(came) || !Array.isArray(expected) || expected.length <= mostItems) {
    return { came: text(came), expected: text(expected) };
  }
  const longest = Math.max(came.length, expected.length);
  let index = 0;
  while (index < longest && isDeepStrictEqual(came[index], expected[index])) index += 1;
  const itemOf = (list: unknown[]): string =>
    index < list.length
      ? `${text(list[index])} as item ${index + 1} of ${list.length}`
      : `no item ${index + 1}: there ${list.length === 1 ? 'is one' : `are ${list.length || 'none'}`}`;
  return { came: itemOf(came), expected: itemOf(expected) };
};

/** Texts that are shorter than this are compared at a glance. */
const glance = 12;

/** A leaf that differs between two values, and where it is: `users[1].name`. */
interface Difference {
  came: unknown;
  expected: unknown;
  place: string;
}

/** @returns the leaves that differ between two values; a pair of other shapes is one leaf */
const differences = (came: unknown, expected: unknown, place = ''): Difference[] => {
  if (isDeepStrictEqual(came, expected)) return [];
  const keysOf = (value: unknown): string[] | undefined =>
    value !== null && typeof value === 'object' ? Object.keys(value).toSorted() : undefined;
  const [own, other] = [keysOf(came), keysOf(expected)];
  if (!own || !other || !isDeepStrictEqual(own, other)) return [{ came, expected, place }];
  return own.flatMap((key) => {
    const inside = Array.isArray(came) ? `${place}[${key}]` : `${place}${place && '.'}${key}`;
    const [one, another] = [came, expected].map((value) => (value as Record<string, unknown>)[key]);
    return differences(one, another, inside);
  });
};

/** @returns where two long texts part that are almost the same; empty when that can be seen without help */
const parting = ([{ came, expected } = {} as Difference, ...others]: Difference[]): string => {
  if (others.length > 0 || typeof came !== 'string' || typeof expected !== 'string') return '';
  const shorter = Math.min(came.length, expected.length);
  let before = 0;
  while (before < shorter && came[before] === expected[before]) before += 1;
  let behind = 0;
  while (behind < shorter - before && came.at(-1 - behind) === expected.at(-1 - behind)) behind += 1;
  if (shorter < glance || before + behind < (2 / 3) * shorter) return '';
  const middle = (of: string): string =>
    before + behind === of.length ? 'nothing' : `"${of.slice(before, of.length - behind)}"`;
  const where =
    before === 0 ? 'at the beginning' : `behind "${came.slice(Math.max(0, before - glance), before)}"`;
  return `\nthe texts differ ${where}: expected ${middle(expected)}, came ${middle(came)}`;
};

/** @returns where two values differ that fill several lines; empty when they differ in too much, or that can be seen */
const places = (values: Difference[], shownText: string): string => {
  const all = values.map(({ place }) => place);
  const isMarked = shownText.split('\n').length > 4 && all.length <= 2 && all.every((place) => place !== '');
  return isMarked ? `\nthey differ in ${all.join(' and ')}` : '';
};

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
  const [own, other] = [plain(came), plain(expected)];
  const differing = differences(own, other);
  if (differing.length === 0) return;
  const both = shown(own, other);
  const mark = parting(differing) || places(differing, both.expected);
  throw new CheckFailure({ expected: both.expected, came: both.came + mark, advice });
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
