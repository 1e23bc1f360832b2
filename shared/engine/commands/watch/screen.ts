import { indented, paint } from '../../terminal/style.ts';
import type { Grade } from '../../check/grade.ts';
import type { Lesson } from '../../lesson/lessons.ts';
import {
  next,
  printFirstUndone,
  printOutput,
  printTypeErrors,
  whatFollows,
} from '../../report/print-grades.ts';
import type { CompilerError } from '../../check/type-errors.ts';

/** What the screen of a watch shows. */
export interface View {
  lesson: Lesson;
  /** The last grade; none before the first run. */
  grade: Grade | undefined;
  /** What the compiler says of it, once that is known. */
  errors: CompilerError[];
  /** The given files that were changed. */
  changed: string[];
  /** Whether the checks run now. */
  running: boolean;
}

/** Whether the screen can be drawn anew; into a pipe, one verdict follows the other. */
const redrawn = process.stdout.isTTY === true;

const clear = '\u001B[2J\u001B[H';

const printKeys = (): void => {
  const keys = ['h hint', 'v reveal', 'r run', 'n next lesson', 'q quit'];
  console.log(`\n${indented(keys.join('  '), 0)}`);
};

const whatNext = (grade: Grade, errors: CompilerError[]): string => {
  const step = next(grade);
  if (step !== undefined) return `\n${step}`;
  const text =
    errors.length > 0
      ? 'All steps pass, but the compiler reports errors: fix those too.'
      : `${whatFollows(grade.lesson)} · n goes on to it`;
  return indented(text, 0);
};

/** Draws the screen: the first step that is not done, and what it lacks. */
export const draw = ({ lesson, grade, errors, changed, running }: View): void => {
  if (!redrawn && running) return;
  if (redrawn) process.stdout.write(clear);
  const passed = grade?.steps.filter(({ state }) => state === 'passed').length ?? 0;
  const count = grade ? ` · ${passed} of ${grade.steps.length} steps passed` : '';
  console.log(`${paint.bold(indented(`Lesson ${lesson.number} · ${lesson.title}${count}`, 0))}\n`);
  if (grade) {
    const isLoaded = printFirstUndone(grade, changed);
    if (isLoaded) printTypeErrors(grade, errors);
    printOutput(grade);
    // What comes next is told by the files as they are now, and the grade is still that of the ones before.
    if (!running) console.log(whatNext(grade, errors));
  }
  if (running) console.log(paint.dim(grade ? '\nChecking again …' : 'Checking …'));
  else if (redrawn) printKeys();
};
