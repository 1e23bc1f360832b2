const moreLine = /^… (\d+) more$/;

/** @returns whether a line stands for others */
export const isMore = (line: string): boolean => moreLine.test(line);

/** @returns the line that stands for so many others */
export const more = (count: number): string => `… ${count} more`;

/**
 * Cuts lines in the middle. Of lines that were cut before, the same place is cut further, and the count says how many are
 * missing in all.
 *
 * @param room - how many lines there may be, the one that says how many are missing among them
 * @returns so many of the first and of the last lines as there is room for
 */
export const shortened = (lines: string[], room: number): string[] => {
  if (lines.length <= room) return lines;
  const cut = lines.findIndex((line) => moreLine.test(line));
  const [ahead, behind] = cut === -1 ? [Infinity, Infinity] : [cut, lines.length - cut - 1];
  const first = Math.min(Math.ceil((room - 1) / 2), ahead);
  const last = Math.min(room - 1 - first, behind);
  const missing = lines
    .slice(first, lines.length - last)
    .reduce((sum, line) => sum + Number(moreLine.exec(line)?.[1] ?? 1), 0);
  return [...lines.slice(0, first), more(missing), ...lines.slice(lines.length - last)];
};
