import { indented, paint } from '../terminal/style.ts';
import { ownTaskTitle } from '../check/check-events.ts';
import type { Grade } from '../check/grade.ts';
import type { CompilerError } from '../check/type-errors.ts';
import {
  printBroken,
  printChangedFiles,
  printOutput,
  printSeed,
  printTogether,
  printTypeErrors,
} from './print-grades.ts';

/** Prints what has come of the task "On your own", and what follows. */
export const printOwnTask = (grade: Grade, errors: CompilerError[], changed: readonly string[]): void => {
  const { number, folder } = grade.lesson;
  printChangedFiles([grade], changed);
  console.log(paint.bold(`\nLesson ${number} · ${grade.lesson.title}\n`));
  printBroken(grade);
  printTogether(grade, ownTaskTitle);
  printTypeErrors(grade, errors);
  printOutput(grade);
  printSeed([grade.together]);
  console.log(
    grade.together.state === 'passed'
      ? `\nLesson ${number} has a star on the map now: npm start`
      : indented(`\nThe task stands in lessons/${folder}/README.md. It has no hints.`, 0),
  );
};
