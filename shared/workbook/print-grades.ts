import { stripVTControlCharacters } from 'node:util';
import { columns, cut, indented, paint } from '../terminal/style.ts';
import { togetherTitle, type Grade, type GradedStep, type State } from './grade.ts';
import { allLessons, type Lesson } from './lessons.ts';
import { nextStep } from './next-step.ts';
import type { AnswersFolder } from './paths.ts';
import { usualCause } from './status-coach.ts';
import type { CompilerError } from './type-errors.ts';

// Each state is said in words; the colour only repeats it.
const painted: Record<State, string> = {
  passed: paint.green('passed     '),
  failed: paint.red('failed     '),
  'to do': paint.dim('to do      '),
  'not checked': paint.yellow('not checked'),
};

/** The longest line of what went over the wire, in characters: of a long message the beginning is enough. */
const longest = 160;

const printFailure = (
  { check, failure }: NonNullable<GradedStep['failed']>,
  folder: string,
  where: string,
): void => {
  const usually = usualCause(folder, failure.came, failure.expected);
  const lines = [
    check,
    failure.expected && `expected  ${failure.expected}`,
    `came      ${failure.came}`,
    usually && `usually   ${usually}`,
    failure.advice,
    `at        ${failure.at || where}`,
  ];
  // Below the titles, where there is room for it.
  const margin = columns() < 60 ? 4 : 15;
  for (const line of lines) if (line) console.log(indented(line, margin));
  if (!failure.timeline) return;
  console.log(indented('over the wire, as each side saw it:', margin));
  const width = Math.min(longest, columns() - margin - 2);
  for (const line of failure.timeline) console.log(indented(cut(line, width), margin + 2));
};

const printGrade = ({ lesson, steps, together, broken }: Grade): void => {
  console.log(paint.bold(`\nLesson ${lesson.number} · ${lesson.title}\n`));
  if (broken !== undefined) console.log(indented(`The checks could not be run: ${broken}`, 2));
  for (const step of steps) {
    console.log(`  ${painted[step.state]}  Step ${step.number} · ${step.title}`);
    if (step.failed) printFailure(step.failed, lesson.folder, `lessons/${lesson.folder}/${step.half}.ts`);
  }
  console.log(`  ${painted[together.state]}  ${togetherTitle}`);
  if (together.failed) printFailure(together.failed, lesson.folder, `lessons/${lesson.folder}/`);
};

const printOutput = (grade: Grade): void => {
  // Of a stack that was printed, only the learner's own lines help.
  const text = stripVTControlCharacters(grade.output.join(''))
    .split('\n')
    .filter((line) => !/^\s+at .*(?:node_modules|node:|shared[\\/]|steps\.test\.ts)/.test(line))
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

const printTypeErrors = (grade: Grade, errors: CompilerError[]): void => {
  const ofLesson = errorsOf(grade, errors);
  if (ofLesson.length === 0) return;
  console.log(paint.dim('\nThe TypeScript compiler finds fault with it:'));
  for (const { file, line, message } of ofLesson.slice(0, enough))
    console.log(indented(`${file}:${line}  ${message}`, 2));
  if (ofLesson.length > enough) console.log(`  and ${ofLesson.length - enough} more`);
};

const next = ({ lesson, steps, together }: Grade): string | undefined => {
  const failed = steps.find(({ state }) => state === 'failed');
  const readme = `lessons/${lesson.folder}/README.md`;
  if (failed) {
    const other = /^lessons\/(\d{2})-/.exec(failed.failed?.failure.at ?? '')?.[1];
    if (other !== undefined && Number(other) !== lesson.number) {
      return `Next: lesson ${Number(other)} comes first, at ${failed.failed!.failure.at}. Grade it: npm run lesson:${Number(other)} check`;
    }
    if (failed.failed?.failure.notLoaded) {
      return `Next: mend ${failed.failed.failure.at}. The file cannot be loaded as it is, so none of its steps could be checked.`;
    }
    const at = failed.failed?.failure.at || `lessons/${lesson.folder}/${failed.half}.ts`;
    return `Next: mend step ${failed.number}, at ${at}. Its hints: ${readme}, at "Step ${failed.number}".`;
  }
  if (steps.some(({ state }) => state === 'to do')) return nextStep(lesson);
  if (together.state !== 'passed')
    return `Next: both halves must work together. Run them: npm run lesson:${lesson.number}`;
  return undefined;
};

const whatFollows = ({ number }: Lesson): string => {
  const following = allLessons().find((lesson) => lesson.number === number + 1);
  return following
    ? `Lesson ${number} is done. The next one is lesson ${following.number} · ${following.title}: lessons/${following.folder}/README.md`
    : `Lesson ${number} is done, and it is the last one. Grade them all: npm run check`;
};

/**
 * Prints grades, and what to do next.
 *
 * @param grades - the lessons' grades
 * @param errors - what the compiler says of the learner's files
 * @param answers - whose answers they are
 */
export const printGrades = (grades: Grade[], errors: CompilerError[], answers: AnswersFolder): void => {
  for (const grade of grades) {
    printGrade(grade);
    printTypeErrors(grade, errors);
    printOutput(grade);
  }
  const steps = grades.flatMap((grade) => grade.steps);
  const passed = steps.filter(({ state }) => state === 'passed').length;
  console.log(`\n${passed} of ${steps.length} steps passed.`);
  if (answers === 'solutions') return;
  const unfinished = grades.find((grade) => next(grade) !== undefined);
  if (unfinished) console.log(indented(next(unfinished)!, 0));
  else if (grades.some((grade) => errorsOf(grade, errors).length > 0))
    console.log('All steps pass, but the compiler finds fault: mend that too.');
  else if (grades.length === 1) console.log(whatFollows(grades[0]!.lesson));
  else if (grades.length > 1) console.log('Every lesson is done.');
};
