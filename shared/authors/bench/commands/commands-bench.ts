/**
 * `npm run author bench commands`: what the workbook adds to the learner's loop of writing, running and checking, beside the same
 * done by hand. Both sides take turns on the same answers, lesson 1's finished ones, and are started with `node`, not
 * with npm. Machines differ and are noisy: only the ratios inside one run say something.
 */
import { hasTerminals, type WorkbookCopy } from '#testkit/workbook-copy.ts';
import { count, inTurns, ratioOf, table, verdict } from '../rounds.ts';
import { median } from '../sample.ts';
import {
  checking,
  finished,
  launcher,
  leaveNothing,
  pairByHand,
  pairOfTheWorkbook,
  vitestArgs,
  vitestWatching,
  watchOfTheWorkbook,
  type Side,
} from './sides.ts';

/** One line of the table. */
interface Row {
  title: string;
  /** What is done by hand. */
  byHand: string;
  /** The most that the workbook's time may be, as a multiple of the other. */
  target: number;
  /** Makes ready both sides, each in a workbook of its own. */
  workbook(copy: WorkbookCopy): Side | Promise<Side>;
  reference(copy: WorkbookCopy): Side | Promise<Side>;
}

const rows: Row[] = [
  // Without a terminal nobody can watch, and only Linux lends one to a program.
  ...(hasTerminals
    ? [
        {
          title: 'watch: from a save to the verdict',
          byHand: 'vitest --watch',
          target: 0.9,
          workbook: watchOfTheWorkbook,
          reference: vitestWatching,
        },
      ]
    : []),
  {
    title: 'npm run lesson:1 check',
    byHand: 'vitest run',
    target: 1.05,
    workbook: (copy) => checking(copy, [launcher, 'lesson', '1', 'check']),
    reference: (copy) => checking(copy, vitestArgs('run')),
  },
  {
    title: 'npm run lesson:1, to the first reply',
    byHand: 'two tsx processes',
    target: 1.1,
    workbook: pairOfTheWorkbook,
    reference: pairByHand,
  },
];

/** @returns the times of both sides, by round */
const measure = async (row: Row, rounds: number): Promise<{ own: number[]; other: number[] }> => {
  const own = { side: await row.workbook(finished()), times: [] as number[] };
  const other = { side: await row.reference(finished()), times: [] as number[] };
  // What the first turn of each brings into caches is there for all the others.
  for (const { side } of [own, other]) await side.time();
  await inTurns(rounds, [own, other], async ({ side, times }) => void times.push(await side.time()));
  for (const { side } of [own, other]) await side.end?.();
  return { own: own.times, other: other.times };
};

/**
 * Measures the commands and prints the table.
 *
 * @param isQuick - whether to measure only so much that everything is seen to work
 * @returns the exit code: 1 when a target is missed
 */
export const benchCommands = async (isQuick: boolean): Promise<number> => {
  process.once('exit', leaveNothing);
  process.once('SIGINT', () => process.exit(130));
  const rounds = isQuick ? 2 : 15;
  const print = table(
    isQuick,
    `Medians of ${rounds} rounds, taken in turns. Ratio: the workbook's time to that of the same by hand.`,
    [38, 12, 12, 8],
    ['', 'workbook ms', 'by hand ms', 'ratio', 'target'],
  );
  let missed = false;
  for (const row of rows) {
    const { own, other } = await measure(row, rounds);
    const ratio = ratioOf(own, other);
    const holds = ratio <= row.target;
    missed ||= !holds;
    const judged = isQuick ? '' : `≤ ${row.target} ${verdict(holds)}`;
    print(row.title, count(median(own)), count(median(other)), ratio.toFixed(2), judged);
    console.log(`  beside ${row.byHand}`);
  }
  return missed && !isQuick ? 1 : 0;
};
