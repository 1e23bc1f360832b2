import { readFileSync } from 'node:fs';
import { withLinks } from '../terminal/links.ts';
import { hanging, indented, paint } from '../terminal/style.ts';
import { inWorkbook, root } from '../lesson/paths.ts';
import { isBegun } from '../lesson/step-finder.ts';
import { remembered } from '../check/progress.ts';
import { standingOf, type Standing, type StandingStep } from './standing.ts';
import type { Lesson, Todo } from '../lesson/lessons.ts';

/** A line with a word before it, that stays one when it has to be broken. */
const row = (word: string, text: string): string => withLinks(hanging(`  ${word.padEnd(7)}`, text), root);

/** Whether code was written for a step whose line that throws still stands. */
const isTodoBegun = ({ file, number }: Todo): boolean => {
  const solution = file.replace(/^lessons/, 'solutions');
  return isBegun(
    readFileSync(inWorkbook(file), 'utf8'),
    readFileSync(inWorkbook(solution), 'utf8'),
    solution,
    number,
  );
};

/**
 * Says what a learner does next in a lesson.
 *
 * @param begun - whether code was written for a step beside its line that throws
 * @returns a few lines to print
 */
export const nextStep = ({ lesson, steps, done }: Standing, begun = isTodoBegun): string => {
  const { number, folder } = lesson;
  const title = (step: StandingStep, how: string): string =>
    paint.bold(indented(`Next: lesson ${number}, step ${step.number} · ${step.title} (${how})`, 0));
  const check = `npm run lesson:${number} check`;
  if (done) return `Lesson ${number} is done.`;
  const failed = steps.find(({ known }) => known === 'failed');
  const todo = steps.find(({ known }) => known === 'to do');
  const written = steps.filter(({ known }) => known !== 'to do').length;
  if (failed && (!todo || failed.number < todo.number)) {
    return [
      title(failed, 'its check has failed'),
      row('fix', `lessons/${folder}/${failed.half}.ts`),
      row('check', check),
    ].join('\n');
  }
  if (!todo) return `Every step of lesson ${number} is written. Grade it with: ${paint.bold(check)}`;
  const at = todo.todo!;
  const place = `${at.file}:${at.line}`;
  return [
    title(todo, `${written} of ${steps.length} steps written`),
    begun(at)
      ? row('fix', `${place}: this line throws, whatever is written beside it. Take it out`)
      : row('write', `${place}, in place of TODO ${todo.number} and of the line that throws`),
    row('read', `lessons/${folder}/README.md`),
    row('check', check),
  ].join('\n');
};

/** @returns what a learner does next in a lesson, from the files as they are now */
export const nextStepIn = (lesson: Lesson): string =>
  nextStep(standingOf(lesson, remembered()[lesson.folder]));
