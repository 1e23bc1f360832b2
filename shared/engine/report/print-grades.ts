import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { withLinks } from '../terminal/links.ts';
import { columns, cut, hanging, indented, paint } from '../terminal/style.ts';
import { togetherTitle } from '../check/check-events.ts';
import { remembered } from '../check/progress.ts';
import { seedOfRun } from '../check/seed.ts';
import type { Grade, GradedStep, State } from '../check/grade.ts';
import { bringBack } from '../lesson/given-files.ts';
import { allLessons, fileOf, type Lesson } from '../lesson/lessons.ts';
import { nextStepIn } from './next-step.ts';
import { standingOf } from './standing.ts';
import { halves, relativePath, root, type AnswersFolder } from '../lesson/paths.ts';
import { stepAtLine } from '../lesson/step-finder.ts';
import { shortened } from '../terminal/shorten.ts';
import { usualCause } from '../lesson/status-advice.ts';
import type { CompilerError } from '../check/type-errors.ts';

// Each state is said in words; the colour only repeats it.
const painted: Record<State, string> = {
  passed: paint.green('passed     '),
  failed: paint.red('failed     '),
  'to do': paint.dim('to do      '),
  'not checked': paint.yellow('not checked'),
};

/** The longest line of what went over the wire, in characters: of a long message the beginning is enough. */
const longest = 160;

/** So many lines of a screen the rest of a failure may need. */
const others = 19;

/** What was expected and what came must stay on the screen: a long timeline loses lines in its middle. */
const fitting = (timeline: string[]): string[] =>
  shortened(timeline, process.stdout.isTTY ? Math.max(4, process.stdout.rows - others) : Infinity);

const printFailure = (
  { check, failure }: NonNullable<GradedStep['failed']>,
  folder: string,
  where: string,
): void => {
  const usually = usualCause(folder, failure.came, failure.expected);
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
  for (const [label, text] of lines) {
    if (text) console.log(withLinks(hanging(' '.repeat(margin) + label, text), root));
  }
  if (!failure.timeline) return;
  console.log(indented('over the wire, as each side saw it:', margin));
  const width = Math.min(longest, columns() - margin - 2);
  for (const line of fitting(failure.timeline)) console.log(indented(cut(line, width), margin + 2));
};

const printStep = ({ lesson }: Grade, step: GradedStep): void => {
  const needs = step.needs === undefined ? '' : ` (step ${step.needs} comes first)`;
  console.log(hanging(`  ${painted[step.state]}  `, `Step ${step.number} · ${step.title}${needs}`));
  if (step.failed) printFailure(step.failed, lesson.folder, `lessons/${lesson.folder}/${step.half}.ts`);
};

/** Prints what has come of both halves together, or of what stands in their place. */
export const printTogether = ({ lesson, together }: Grade, title = togetherTitle): void => {
  console.log(`  ${painted[together.state]}  ${title}`);
  if (together.failed) printFailure(together.failed, lesson.folder, `lessons/${lesson.folder}/`);
};

/** Prints why the checks could not be run at all. */
export const printBroken = ({ broken }: Grade): void => {
  if (broken !== undefined) console.log(indented(`The checks could not be run: ${broken}`, 2));
};

const printGrade = (grade: Grade): void => {
  console.log(paint.bold(`\nLesson ${grade.lesson.number} · ${grade.lesson.title}\n`));
  printBroken(grade);
  for (const step of grade.steps) printStep(grade, step);
  printTogether(grade);
};

/** Says when given files were changed: before all that may come from it. */
export const printChangedFiles = (grades: Grade[], changed: readonly string[]): void => {
  const isFailing = grades.some(
    ({ steps, together, broken }) =>
      broken !== undefined || [...steps, together].some(({ state }) => state === 'failed'),
  );
  const sentence = isFailing ? bringBack(changed) : undefined;
  if (sentence !== undefined) console.log(indented(sentence, 0));
};

/**
 * Prints the first step of a lesson that is not done, and what it lacks; nothing of the others.
 *
 * @returns whether the lesson's files could be loaded; when not, only that was printed
 */
export const printFirstUndone = (grade: Grade, changed: readonly string[] = []): boolean => {
  printChangedFiles([grade], changed);
  if (grade.broken !== undefined) {
    printBroken(grade);
    return false;
  }
  const unloaded = grade.steps.find(({ failed }) => failed?.failure.notLoaded)?.failed?.failure;
  if (unloaded) {
    console.log(withLinks(indented(unloaded.came, 2), root));
    return false;
  }
  const step = grade.steps.find(({ state }) => state !== 'passed');
  if (step) printStep(grade, step);
  else if (grade.together.state !== 'passed') printTogether(grade);
  return true;
};

/** Prints what the learner's code has printed while it was checked, when a check has failed. */
export const printOutput = (grade: Grade): void => {
  // Of a stack that was printed, only the learner's own lines help.
  const text = stripVTControlCharacters(grade.output.join(''))
    .split('\n')
    .filter((line) => !/^\s+at .*(?:node_modules|node:|shared[\\/]|\.test\.ts)/.test(line))
    .join('\n')
    .trimEnd();
  const anyFailed = [...grade.steps, grade.together].some(({ failed }) => failed);
  if (text === '' || !anyFailed) return;
  console.log(paint.dim('\nWhile it was checked, your code printed:'));
  console.log(indented(text, 2));
};

/** How many of the compiler's errors are shown for a lesson: one mistake can cause many. */
const enough = 3;

const errorsOf = ({ lesson }: Grade, errors: CompilerError[]): CompilerError[] =>
  errors.filter(({ file }) => file.startsWith(`lessons/${lesson.folder}/`));

/** Prints what the compiler says of a lesson's files. */
export const printTypeErrors = (grade: Grade, errors: CompilerError[]): void => {
  const ofLesson = errorsOf(grade, errors);
  if (ofLesson.length === 0) return;
  console.log(paint.dim('\nThe TypeScript compiler reports errors:'));
  for (const { file, line, message } of ofLesson.slice(0, enough))
    console.log(indented(`${file}:${line}  ${message}`, 2));
  if (ofLesson.length > enough) console.log(`  and ${ofLesson.length - enough} more`);
};

/** @returns the step of a lesson whose code stands at a `file:line` of the learner's; undefined when it is no step's */
const stepAt = ({ folder }: Lesson, at: string): number | undefined => {
  const [, name, line] = /^lessons\/[^/]+\/(server|client)\.ts:(\d+)$/.exec(at) ?? [];
  const half = halves.find((each) => each === name);
  if (!half) return undefined;
  const [own, solution] = [fileOf('lessons', folder, half), fileOf('solutions', folder, half)];
  return stepAtLine(
    readFileSync(own, 'utf8'),
    readFileSync(solution, 'utf8'),
    relativePath(solution),
    Number(line),
  );
};

/** @returns a sentence on what has to be fixed before anything else */
const fixFirst = ({ lesson }: Grade, { number, half, failed }: GradedStep): string => {
  const at = failed?.failure.at || `lessons/${lesson.folder}/${half}.ts`;
  const folder = /^lessons\/([^/]+)\//.exec(at)?.[1];
  const other = allLessons().find((each) => each.folder === folder && each.number !== lesson.number);
  if (other && !standingOf(other, remembered()[other.folder]).done) {
    return `Next: lesson ${other.number} comes first, at ${at}. Grade it: npm run lesson:${other.number} check`;
  }
  if (failed?.failure.notLoaded) {
    return `Next: fix ${at}. The file cannot be loaded as it is, so none of its steps could be checked.`;
  }
  const blamed = other ? undefined : stepAt(lesson, at);
  if (blamed !== undefined && blamed !== number) {
    return `Next: fix step ${blamed}, at ${at}: the check of step ${number} has come to that line. For a hint: npm run lesson:${lesson.number} hint ${blamed}`;
  }
  return `Next: fix step ${number}, at ${other ? `lessons/${lesson.folder}/${half}.ts` : at}. For a hint: npm run lesson:${lesson.number} hint`;
};

/** @returns what to do next in a lesson; undefined when it is done */
export const next = (grade: Grade): string | undefined => {
  const { lesson, steps, together, broken } = grade;
  if (broken !== undefined) return 'Next: see to that first. No step could be checked.';
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed) return indented(fixFirst(grade, failed), 0);
  if (steps.some(({ state }) => state === 'to do')) return nextStepIn(lesson);
  if (together.state !== 'passed')
    return indented(`Next: both halves must work together. Run them: npm run lesson:${lesson.number}`, 0);
  return undefined;
};

/** @returns a sentence for the end of a lesson */
export const whatFollows = ({ number }: Lesson): string => {
  const following = allLessons().find((lesson) => lesson.number === number + 1);
  return following
    ? `Lesson ${number} is done. The next one is lesson ${following.number} · ${following.title}: lessons/${following.folder}/README.md`
    : `Lesson ${number} is done, and it is the last one. Grade them all: npm run check`;
};

/** Prints with what the inputs were drawn, where a check has failed that can be run again with the same ones. */
export const printSeed = (graded: Pick<GradedStep, 'failed'>[]): void => {
  if (graded.some(({ failed }) => failed && !failed.failure.notLoaded)) {
    console.log(paint.dim(`The checks drew their inputs with WORKBOOK_SEED=${seedOfRun()}.`));
  }
};

/** Prints grades, and what to do next. */
export const printGrades = (
  grades: Grade[],
  errors: CompilerError[],
  answers: AnswersFolder,
  changed: readonly string[] = [],
): void => {
  printChangedFiles(grades, changed);
  for (const grade of grades) {
    printGrade(grade);
    printTypeErrors(grade, errors);
    printOutput(grade);
  }
  const steps = grades.flatMap((grade) => grade.steps);
  const passed = steps.filter(({ state }) => state === 'passed').length;
  console.log(`\n${passed} of ${steps.length} steps passed.`);
  printSeed(steps);
  if (answers === 'solutions') return;
  const unfinished = grades.find((grade) => next(grade) !== undefined);
  if (unfinished) console.log(next(unfinished)!);
  else if (grades.some((grade) => errorsOf(grade, errors).length > 0))
    console.log('All steps pass, but the compiler reports errors: fix those too.');
  else if (grades.length === 1) console.log(whatFollows(grades[0]!.lesson));
  else if (grades.length > 1) console.log('Every lesson is done.');
};
