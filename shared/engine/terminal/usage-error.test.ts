import { expect, it } from 'vitest';
import { didYouMean, UsageError } from './usage-error.ts';

const known = ['check', 'hint', 'reveal', 'troubleshooting'];

it.each([
  ['chekc', 'check'],
  ['HINT', 'hint'],
  ['reve', 'reveal'],
  // A long word may differ by more.
  ['troblshootin', 'troubleshooting'],
])('takes "%s" for a slip of %s', (word, meant) => {
  expect(didYouMean(word, known)).toBe(` Did you mean "${meant}"?`);
});

it.each([['bread'], ['hixyz'], ['']])('does not guess what "%s" may be', (word) => {
  expect(didYouMean(word, known)).toBe('');
  expect(didYouMean(word, [])).toBe('');
});

it('offers a word that is written otherwise, and the nearest of several', () => {
  expect(didYouMean('check', ['CHECK'])).toBe(' Did you mean "CHECK"?');
  expect(didYouMean('ab', ['abcd', 'abc'])).toBe(' Did you mean "abc"?');
});

it('is known by its name', () => {
  expect(String(new UsageError('no'))).toBe('UsageError: no');
});
