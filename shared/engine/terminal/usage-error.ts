import { distance } from 'fastest-levenshtein';

/** The command was typed wrongly. Its message tells the person what to type; the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * @param word - what was typed
 * @param known - what could have been typed
 * @returns ` Did you mean "…"?` for the nearest known word, or an empty text when none is near
 */
export const didYouMean = (word: string, known: readonly string[]): string => {
  const nearest = known
    .map((name) => ({ name, away: distance(word.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.away - b.away)[0];
  return nearest && nearest.away <= Math.max(2, nearest.name.length / 3)
    ? ` Did you mean "${nearest.name}"?`
    : '';
};
