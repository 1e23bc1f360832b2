import { createRequire } from 'node:module';
import type stringWidth from 'string-width';
import type wrapAnsi from 'wrap-ansi';

export { colourEnvironment, colourful, paint } from './colour-support.js';

const require = createRequire(import.meta.url);

/** Loaded by the first line that needs it: that takes 50 ms, and most runs print no such line. */
const wrap: typeof wrapAnsi = (...args) =>
  (require('wrap-ansi') as { default: typeof wrapAnsi }).default(...args);

/** @returns how many columns lines may have; without a terminal there is no limit */
export const columns = (): number => (process.stdout.isTTY && process.stdout.columns) || Infinity;

/** @returns how many columns a line takes: what paints it takes none, and an emoji or a Chinese character two */
export const visibleWidth = (line: string): number =>
  /^[\u0020-\u007E]*$/.test(line)
    ? line.length
    : (require('string-width') as { default: typeof stringWidth }).default(line);

/**
 * Breaks text between words. A word that is longer than a line stays whole, and so does what no-break spaces hold together.
 *
 * @param text - may be painted
 * @param width - how many columns a line may have
 * @returns the lines; those of a paragraph all begin as far in as the first
 */
export const wrapped = (text: string, width: number): string[] =>
  text.split('\n').flatMap((paragraph) => {
    if (width === Infinity || visibleWidth(paragraph) <= width) return [paragraph];
    const [margin] = /^ */.exec(paragraph)!;
    const lines = wrap(paragraph.slice(margin.length), Math.max(1, width - margin.length)).split('\n');
    return lines.map((line) => margin + line);
  });

/**
 * @param width - how many columns there are for it
 * @returns the line; when it is longer, as much of it as there is room for, and a sign that there is more
 */
export const cut = (line: string, width: number): string => {
  if (visibleWidth(line) <= width) return line;
  const [start] = wrap(line, width - 1, { hard: true, trim: false, wordWrap: false }).split('\n');
  return width > 1 ? `${start}…` : '…';
};

/**
 * Breaks text between words, and moves its other lines in so that they stand below the first. Where there is little room,
 * lines are longer: those of a few letters are no text any more.
 *
 * @param mark - what stands before the first line
 */
export const hanging = (mark: string, text: string): string => {
  const indent = visibleWidth(mark);
  return mark + wrapped(text, Math.max(20, columns() - indent)).join(`\n${' '.repeat(indent)}`);
};

/** @returns the text, broken between words, each line as far in as `indent` says */
export const indented = (text: string, indent: number): string => hanging(' '.repeat(indent), text);
