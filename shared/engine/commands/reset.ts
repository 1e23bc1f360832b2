import { existsSync, readFileSync } from 'node:fs';
import { confirmed } from '../terminal/confirm.ts';
import { fileOf, stepsOf, type Lesson } from '../lesson/lessons.ts';
import { halves, relativePath, type Half } from '../lesson/paths.ts';
import { CannotWrite, Backup, replacedLast } from '../lesson/backup.ts';
import { starterOf } from '../lesson/starters.ts';
import { placeOfStep } from '../lesson/step-finder.ts';
import { linesOf } from '../lesson/step-marks.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** What is to be put back: a file with its new text. */
interface Replacement {
  file: string;
  text: string;
}

const textOf = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

const unix = (text: string | undefined): string | undefined => text?.replaceAll('\r\n', '\n');

const ofFiles = (lesson: Lesson, which: readonly Half[]): Replacement[] =>
  which
    .map((half) => ({ file: fileOf('lessons', lesson.folder, half), text: starterOf(lesson.folder, half) }))
    .filter(({ file, text }) => unix(textOf(file)) !== text);

const ofStep = (lesson: Lesson, number: number, half: Half): Replacement[] => {
  const file = fileOf('lessons', lesson.folder, half);
  const solution = fileOf('solutions', lesson.folder, half);
  const own = textOf(file);
  if (own === undefined) return ofFiles(lesson, [half]);
  const place = placeOfStep(own, readFileSync(solution, 'utf8'), relativePath(solution), number);
  const wholeFile = `To put the whole file back: npm run lesson:${lesson.number} reset ${half}`;
  if (!place) {
    throw new UsageError(
      `${relativePath(file)} is no longer like the starter around step ${number}, so the step alone cannot be put back. ${wholeFile}`,
    );
  }
  if (place.shared.length > 0) {
    throw new UsageError(
      `In ${relativePath(file)} nobody can tell the lines of step ${number} from those of step ${place.shared.join(' and ')}. ${wholeFile}`,
    );
  }
  const newline = own.includes('\r\n') ? '\r\n' : '\n';
  const lines = linesOf(own);
  const before = lines.slice(place.from, place.to);
  if (before.join('\n') === place.starter.join('\n')) return [];
  lines.splice(place.from, before.length, ...place.starter);
  return [{ file, text: lines.join(newline) }];
};

const replacements = (lesson: Lesson, word: string | undefined): [what: string, Replacement[]] => {
  if (word === undefined) return [`lesson ${lesson.number}`, ofFiles(lesson, halves)];
  if (word === 'undo') {
    const files = halves.map((each) => fileOf('lessons', lesson.folder, each));
    return ['what was replaced last', replacedLast(files).filter(({ file, text }) => textOf(file) !== text)];
  }
  const half = halves.find((each) => each === word || `${each}.ts` === word);
  if (half) return [relativePath(fileOf('lessons', lesson.folder, half)), ofFiles(lesson, [half])];
  const steps = stepsOf(lesson.folder);
  const step = steps.find(({ number }) => String(number) === word);
  if (step) return [`step ${step.number} · ${step.title}`, ofStep(lesson, step.number, step.half)];
  throw new UsageError(
    `"${word}" is nothing that can be put back. Lesson ${lesson.number} has server, client, and the steps ${steps.map(({ number }) => number).join(', ')}; undo brings back what was replaced last.`,
  );
};

/**
 * `npm run lesson:N reset`: puts the starter back: both files, one of them, or one step. What is replaced is kept.
 *
 * @param word - `server`, `client` or the number of a step; `undo` for what was replaced last; without it, both files
 * @throws UsageError when there is nothing of that name, or the step cannot be found
 */
export const reset = async (lesson: Lesson, word: string | undefined, agreed: boolean): Promise<number> => {
  const [what, changes] = replacements(lesson, word);
  if (changes.length === 0) {
    console.log(
      word === 'undo'
        ? 'There is nothing to bring back.'
        : `There is nothing to put back: ${what} is as it was in the beginning.`,
    );
    return 0;
  }
  const files = changes.map(({ file }) => relativePath(file)).join(' and ');
  const question =
    word === 'undo'
      ? `Bring back what was replaced last in ${files}? What is there now is kept.`
      : `Put ${what} back to its beginning? What you have in ${files} is kept.`;
  if (!(await confirmed(question, agreed))) {
    console.log('Nothing was changed.');
    return 0;
  }
  const backup = new Backup();
  try {
    for (const { file, text } of changes) {
      backup.replace(file, text);
      const part = /^\d+$/.test(word ?? '') ? `step ${word} in ` : '';
      console.log(`put back  ${part}${relativePath(file)}`);
    }
  } catch (error) {
    if (!(error instanceof CannotWrite)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    if (backup.keptIn !== undefined) {
      console.log(`What was there before is kept in ${backup.keptIn}`);
      console.log(`To bring it back: npm run lesson:${lesson.number} reset undo`);
    }
  }
  return 0;
};
