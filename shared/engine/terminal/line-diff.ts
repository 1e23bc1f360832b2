import { structuredPatch } from 'diff';
import { columns, paint, wrapped } from './style.ts';

const painters: Readonly<Record<string, (line: string) => string>> = { '-': paint.red, '+': paint.green };

/** @returns a line to print, broken where it is longer than the terminal is wide: the sign stands before each piece of it */
export const signed = (sign: string, line: string): string =>
  wrapped(line, columns() - 1)
    .map((piece) => (painters[sign] ?? String)(sign + piece))
    .join('\n');

/**
 * Sets two texts beside each other, line by line.
 *
 * @param context - how many equal lines to show around what differs; Infinity for all
 * @returns lines to print: "-" stands before a line of yours, "+" before one of the solution. None when they are equal
 */
export const difference = (yours: string[], solution: string[], context: number): string[] => {
  const { hunks } = structuredPatch(
    '',
    '',
    yours.map((line) => `${line.trimEnd()}\n`).join(''),
    solution.map((line) => `${line.trimEnd()}\n`).join(''),
    undefined,
    undefined,
    { context: Math.min(context, yours.length) },
  );
  return hunks.flatMap(({ lines, oldStart }, index) => [
    ...(context === Infinity
      ? []
      : [`${index > 0 ? '\n' : ''}${paint.dim(`from line ${oldStart} of yours`)}`]),
    ...lines.map((line) => signed(line.charAt(0), line.slice(1))),
  ]);
};
