import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allLessons, fileOf } from '../lessons.ts';
import { halves, inWorkbook, shown } from '../paths.ts';
import { deriveStarter } from '../starters.ts';

interface Starter {
  file: string;
  derived: string;
  /** What the file holds now; undefined when it is not there. */
  current: string | undefined;
}

/** @returns every file that learners start from, as it is and as the solutions say it should be */
const starters = (): Starter[] =>
  allLessons().flatMap(({ folder }) =>
    halves.map((half) => {
      const solution = fileOf('solutions', folder, half);
      const file = fileOf('lessons', folder, half);
      return {
        file,
        derived: deriveStarter(readFileSync(solution, 'utf8'), shown(solution)),
        current: existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : undefined,
      };
    }),
  );

/** @returns a sentence for each starter that is not what its solution says */
export const startersOutOfStep = (): string[] =>
  starters()
    .filter(({ derived, current }) => derived !== current)
    .map(({ file }) => `${shown(file)} is not what its solution says. Run: npm run starters`);

/**
 * `npm run starters`: derives every starter anew. A file that was different is kept under `.workbook/` first.
 *
 * @returns the exit code
 */
export const writeStarters = (): number => {
  const changed = starters().filter(({ derived, current }) => derived !== current);
  const shelf = inWorkbook('.workbook', 'replaced', new Date().toISOString().replaceAll(':', '-'));
  for (const { file, derived, current } of changed) {
    if (current !== undefined) {
      const kept = path.join(shelf, shown(file));
      mkdirSync(path.dirname(kept), { recursive: true });
      writeFileSync(kept, current);
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, derived);
    console.log(`written  ${shown(file)}`);
  }
  if (changed.some(({ current }) => current !== undefined))
    console.log(`What was there before is kept in ${shown(shelf)}`);
  if (changed.length === 0) console.log('Every starter is already what its solution says.');
  return 0;
};
