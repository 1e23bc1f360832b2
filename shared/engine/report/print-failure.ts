import { withLinks } from '../terminal/links.ts';
import { columns, cut, hanging, indented } from '../terminal/style.ts';
import { isMore, shortened } from '../terminal/shorten-lines.ts';
import type { GradedStep } from '../check/grade.ts';
import type { Lesson } from '../lesson/lessons.ts';
import { root } from '../lesson/paths.ts';
import { usualCause } from '../lesson/status-advice.ts';

/** The longest line of what went over the wire, in characters: of a long message the beginning is enough. */
const longest = 160;

/** So many lines of a screen what stands around a failure may need: its titles, what comes next, and the keys of a watch. */
const around = 12;

/** With fewer lines, a text or a timeline with its title says nothing any more: a text keeps them, a timeline is left out. */
const least = 4;

/** Cuts the longest of some blocks of lines in its middle, then what is the longest now, until all have room together. */
const fitting = (blocks: string[][], room: number): string[][] => {
  const tallest = blocks.toSorted((a, b) => b.length - a.length)[0]!;
  if (blocks.flat().length <= room || tallest.length <= least) return blocks;
  return fitting(
    blocks.map((block) => (block === tallest ? shortened(block, block.length - 1) : block)),
    room,
  );
};

/**
 * Prints a failure so that its title stays on the screen, with what was expected and what came: a long one loses lines in
 * its middle, and says how to see them all.
 *
 * @param where - the file that is named where no line is known
 * @param own - whether it is one of the task "On your own"
 */
export const printFailure = (
  { check, failure }: NonNullable<GradedStep['failed']>,
  { folder, number }: Lesson,
  where: string,
  own = false,
): void => {
  // Where a check knows what to do, what usually helps may lead somewhere else.
  const usually = failure.advice === '' ? usualCause(folder, failure.came, failure.expected) : undefined;
  const lines: [label: string, text: string | undefined][] = [
    ['', check],
    ['expected  ', failure.expected],
    ['got       ', failure.came],
    ['usually   ', usually],
    ['', failure.advice],
    ['at        ', failure.at || where],
  ];
  // Below the titles, where there is room for it.
  const margin = columns() < 60 ? 4 : 15;
  const said = lines.filter((line): line is [string, string] => Boolean(line[1]));
  const whole = said.map(([label, text]) => hanging(' '.repeat(margin) + label, text).split('\n'));
  const wire = failure.timeline ?? [];
  const room = process.stdout.isTTY ? process.stdout.rows - around : Infinity;
  const blocks = fitting(whole, room - Math.min(wire.length && wire.length + 1, least));
  for (const [index, [first, ...others]] of blocks.entries()) {
    const indent = margin + said[index]![0].length;
    const rest = others.map((line) => (isMore(line) ? ' '.repeat(indent) + line : line));
    console.log(withLinks([first, ...rest].join('\n'), root));
  }
  const left = room - blocks.flat().length;
  const ofWire = left < Math.min(wire.length + 1, least) ? [] : shortened(wire, left - 1);
  if (ofWire.length > 0) console.log(indented('over the wire, as each side saw it:', margin));
  const width = Math.min(longest, columns() - margin - 2);
  for (const line of ofWire) console.log(indented(cut(line, width), margin + 2));
  if (blocks.some((block, index) => block.length < whole[index]!.length) || ofWire.length < wire.length) {
    const command = `npm run lesson:${number} check${own ? ' -- --own' : ''}`;
    console.log(indented(`every line: ${command} > check.txt`, margin));
  }
};
