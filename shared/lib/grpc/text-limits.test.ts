import { describe, expect, it } from 'vitest';
import { textProblem } from './text-limits.ts';

const limits = { max: 4_000 };

describe('a text of limited length', () => {
  it('may have as many characters as are allowed, whatever each of them takes', () => {
    for (const character of ['a', 'ü', '\u{1F600}']) {
      expect(textProblem(character.repeat(4_000), limits)).toBeUndefined();
      expect(textProblem(character.repeat(4_001), limits)).toBe('must not be longer than 4,000 characters');
    }
  });

  it('may not be empty', () => {
    expect(textProblem('', limits)).toBe('must not be empty');
    expect(textProblem(' ', limits)).toBeUndefined();
  });
});
