import { existsSync, readFileSync } from 'node:fs';
import { allLessons, fileOf } from '../../engine/lesson/lessons.ts';
import { halves, relativePath } from '../../engine/lesson/paths.ts';
import { Backup } from '../../engine/lesson/backup.ts';
import { starterOf } from '../../engine/lesson/starters.ts';

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
      const file = fileOf('lessons', folder, half);
      return {
        file,
        derived: starterOf(folder, half),
        current: existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : undefined,
      };
    }),
  );

/** @returns a sentence for each starter that is not what its solution says */
export const startersOutOfStep = (): string[] =>
  starters()
    .filter(({ derived, current }) => derived !== current)
    .map(({ file }) => `${relativePath(file)} is not what its solution says. Run: npm run author starters`);

/**
 * `npm run author starters`: derives every starter anew. A file that was different is kept under `.workbook/` first.
 *
 * @returns the exit code
 */
export const writeStarters = (): number => {
  const changed = starters().filter(({ derived, current }) => derived !== current);
  const backup = new Backup();
  for (const { file, derived } of changed) {
    backup.replace(file, derived);
    console.log(`written  ${relativePath(file)}`);
  }
  if (backup.keptIn !== undefined) console.log(`What was there before is kept in ${backup.keptIn}`);
  if (changed.length === 0) console.log('Every starter is already what its solution says.');
  return 0;
};
