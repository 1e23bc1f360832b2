/**
 * Inputs for checks, drawn anew in each run: an answer that writes a constant in place of what it was given differs from
 * them. The seed is printed with a failure; with the environment variable WORKBOOK_SEED the same inputs come again.
 */
import { status } from '@grpc/grpc-js';
import { seedOfRun } from '../seed.ts';

let state = 0;

/** Begins a check: what it draws depends on the seed and its title alone, and not on the checks before it. */
export const beginDrawing = (title: string): void => {
  state = 0;
  for (const char of `${seedOfRun()} ${title}`)
    state = Math.imul(state ^ char.codePointAt(0)!, 0x01_00_01_93);
};

/** Mulberry32, a generator of 32 bits that is as short as good enough: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
const random = (): number => {
  state = (state + 0x6d_2b_79_f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** @returns a whole number, both ends included */
export const integer = (least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** @returns one of these */
export const oneOf = <T>(values: readonly T[]): T => values[integer(0, values.length - 1)]!;

/** @returns some of these, each at most once, in an order of their own */
export const someOf = <T>(values: readonly T[], count: number): T[] => {
  const left = [...values];
  return Array.from({ length: count }, () => left.splice(integer(0, left.length - 1), 1)[0]!);
};

const allGreetings = ['Good morning', 'Ahoy', 'Welcome', 'Good evening', 'Greetings', 'Hey there'];
const allNames = ['Ada', 'Grace', 'Linus', 'Margaret', 'Dennis', 'Barbara', 'Ken', 'Radia', 'Edsger', 'Hedy'];

/** @returns names, all different */
export const someNames = (count: number): string[] => someOf(allNames, count);

/** @returns a greeting that no lesson's text uses */
export const aGreeting = (): string => oneOf(allGreetings);

/** @returns requests for greetings, each with a greeting and a name of its own */
export const greetingRequests = (count: number): { greeting: string; name: string }[] => {
  const greetings = someOf(allGreetings, count);
  return someNames(count).map((name, index) => ({ greeting: greetings[index]!, name }));
};

/** @returns a request for a greeting */
export const greetingRequest = (): { greeting: string; name: string } => ({
  greeting: aGreeting(),
  name: oneOf(allNames),
});

/**
 * Texts that must come through as they are: with white space at their ends, beyond ASCII and beyond 16 bits, from right
 * to left, with marks that combine, with a control character inside, and with what patterns and templates would fill in.
 */
export const awkwardTexts: readonly string[] = [
  '  two spaces on both sides  ',
  'a tab\tand a line\nbreak',
  'a family 👨‍👩‍👧 of code points',
  'e\u0301 is two, \u00E9 is one',
  'שלום from the right',
  'MiXeD cAsE, and "quotes" \\ ${not} a template',
  '$& and $$, %s and {name}: no pattern either',
  '0',
];

/** As long as a text may be everywhere: a message of the chat has at most 4,000 characters. */
export const longText = 'a long text '.repeat(300);

/** The same, with an empty one, a long one, and one that comes twice in a row: each is a text as well. */
export const allTexts: readonly string[] = [
  '',
  ...awkwardTexts,
  longText,
  awkwardTexts[0]!,
  awkwardTexts[0]!,
];

/** Every status that a call can fail with. CANCELLED comes last: the others are easier to think of. */
export const everyFailure: readonly status[] = Object.values(status)
  .filter((code): code is status => typeof code === 'number' && code !== status.OK)
  .toReversed();

/** More than any limit that somebody may think of for a list. */
export const many = 150;

/** @returns one of {@link awkwardTexts} */
export const awkwardText = (): string => oneOf(awkwardTexts);
