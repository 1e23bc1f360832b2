/** What both benchmarks have in common: sides that take turns, and the table of what came of it. */
import { median } from './sample.ts';

/**
 * Lets all sides take turns, round after round: whoever comes first in one round comes last in the next.
 *
 * @param turn - lets one side do its work
 */
export const inTurns = async <Side>(
  rounds: number,
  sides: readonly Side[],
  turn: (side: Side) => Promise<void>,
): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await turn(side);
  }
};

/** @returns the median of the ratios of the rounds: noise that both had in one round counts less */
export const ratioOf = (own: readonly number[], other: readonly number[]): number =>
  median(own.map((value, round) => value / other[round]!));

export const verdict = (holds: boolean): string => (holds ? 'reached' : 'MISSED');

/** @returns a number without decimals, for people */
export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** Prints what is measured, and the head of the table. @returns prints a line of it */
export const table = (
  isQuick: boolean,
  measured: string,
  widths: number[],
  head: string[],
): ((...cells: string[]) => void) => {
  const print = (...cells: string[]): void => {
    const padded = cells.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[index] ?? 0),
    );
    console.log(padded.join('  '));
  };
  const quick = 'A quick run: it shows that everything works; its figures say nothing.';
  console.log(`${isQuick ? quick : measured}\n`);
  print(...head);
  return print;
};
