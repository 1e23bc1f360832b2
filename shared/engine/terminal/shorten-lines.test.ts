import { describe, expect, it } from 'vitest';
import { more, shortened } from './shorten-lines.ts';

const letters = (text: string): string[] => [...text];

describe('lines that are too many', () => {
  it('stay as they are when there is room', () => {
    expect(shortened(letters('abcd'), 4)).toEqual(letters('abcd'));
    expect(shortened(letters('abcd'), Infinity)).toEqual(letters('abcd'));
  });

  it('are cut in the middle, and it is said how many are missing', () => {
    expect(shortened(letters('abcdefgh'), 4)).toEqual(['a', 'b', more(5), 'h']);
  });

  it('say how many are missing in all when some were cut before', () => {
    expect(shortened([...letters('abcd'), more(90), ...letters('efghijk')], 6)).toEqual([
      ...letters('abc'),
      more(96),
      ...letters('jk'),
    ]);
  });

  it('are not cut in two places', () => {
    expect(shortened(['a', more(90), ...letters('efghijk')], 6)).toEqual(['a', more(93), ...letters('hijk')]);
    expect(shortened([...letters('abcdefg'), more(90), 'k'], 6)).toEqual([...letters('abc'), more(94), 'k']);
  });
});
