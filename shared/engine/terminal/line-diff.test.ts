import { expect, it } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { difference } from './line-diff.ts';

const lines = (...names: string[]): string[] => names;

it('has nothing to say of lines that are equal, but for what cannot be seen', () => {
  expect(difference(lines('a', 'b  '), lines('a', 'b'), Infinity)).toEqual([]);
  expect(difference(lines('a'), lines('a  '), 1)).toEqual([]);
});

it('shows all that stands around what differs, when no limit is set', () => {
  const many = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  expect(difference([...many, 'mine'], [...many, 'theirs', 'too'], Infinity)).toEqual([
    ...many.map((line) => ` ${line}`),
    '-mine',
    '+theirs',
    '+too',
  ]);
});

it('shows as many equal lines around each place as it is told, and where the place is', () => {
  const given = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  expect(difference(given, ['A', ...given.slice(1, 7), 'H'], 1)).toEqual([
    'from line 1 of yours',
    '-a',
    '+A',
    ' b',
    '\nfrom line 7 of yours',
    ' g',
    '-h',
    '+H',
  ]);
});

it('breaks what is longer than the terminal is wide, with the sign and the margin before each piece', () => {
  fakeTerminal({ columns: 24 });
  expect(difference(['  const bread = await baked();'], ['  none;'], 1).slice(1)).toEqual([
    '-  const bread = await\n-  baked();',
    '+  none;',
  ]);
});
