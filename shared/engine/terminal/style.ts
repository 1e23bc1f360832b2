import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

export { colourEnvironment, colourful, paint } from './colour.js';

/** @returns how many columns lines may have; without a terminal there is no limit */
export const columns = (): number => (process.stdout.isTTY && process.stdout.columns) || Infinity;

const graphemes = new Intl.Segmenter();

/** @returns how many columns a line takes: what paints it takes none, and an emoji or a Chinese character two */
export const visibleWidth = (line: string): number => {
  const text = stripVTControlCharacters(line);
  // Most lines need no more than this, and a run waits for the first of them.
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length;
  let width = 0;
  // What is put together of several characters is as wide as the first of them.
  for (const { segment } of graphemes.segment(text)) width += eastAsianWidth(segment.codePointAt(0)!);
  return width;
};

/**
 * Breaks text between words. A word that is longer than a line stays whole, and so does what no-break spaces hold together.
 *
 * @param text - may be painted, each word by itself
 * @param width - how many columns a line may have
 * @returns the lines
 */
export const wrapped = (text: string, width: number): string[] =>
  text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/(?<=\S)(?= )/)) {
      if (line !== '' && visibleWidth(line) + visibleWidth(word) > width) {
        lines.push(line);
        line = word.trimStart();
      } else {
        line += word;
      }
    }
    return [...lines, line];
  });

/**
 * @param line - plain text on one line, without colours
 * @param width - how many columns there are for it
 * @returns the line; when it is longer, as much of it as there is room for, and a sign that there is more
 */
export const cut = (line: string, width: number): string => {
  if (visibleWidth(line) <= width) return line;
  let start = '';
  for (const { segment } of graphemes.segment(line)) {
    if (visibleWidth(start + segment) >= width) break;
    start += segment;
  }
  return `${start}…`;
};

/**
 * Breaks text between words so that an indented block stays one on a narrow terminal.
 *
 * @param text - the text, of one paragraph a line
 * @param indent - how many spaces stand before each line
 * @returns the lines, each with its indent
 */
export const indented = (text: string, indent: number): string =>
  wrapped(text, Math.max(20, columns() - indent))
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');
