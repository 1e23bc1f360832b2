/** What a look at one thing has found. */
export interface Finding {
  /** A problem stands in the way of the workbook; a note is only worth knowing. */
  state: 'ok' | 'problem' | 'note';
  /** What was found, in whole sentences. */
  found: string;
  /** What to do about it, in whole sentences; a problem always has one. A long command has a line of its own. */
  remedy?: string;
}

/** @returns the finding that a thing is as it should be */
export const ok = (found: string): Finding => ({ state: 'ok', found });

/** @returns the finding that a thing stands in the way, and what to do about it */
export const problem = (found: string, remedy: string): Finding => ({ state: 'problem', found, remedy });

/** @returns the finding of something worth knowing that stands in nobody's way */
export const note = (found: string): Finding => ({ state: 'note', found });

/**
 * @param items - at least one
 * @returns the first three, and how many more there are
 */
export const someOf = (items: readonly string[]): string =>
  items.length > 3 ? `${items.slice(0, 3).join(', ')} and ${items.length - 3} more` : items.join(', ');
