import { indented, paint } from '../terminal/style.ts';
import { togetherTitle, type Grade, type GradedStep, type State } from './grade.ts';
import { nextStep } from './next-step.ts';
import type { AnswersFolder } from './paths.ts';

// Each state is said in words; the colour only repeats it.
const painted: Record<State, string> = {
  passed: paint.green('passed     '),
  failed: paint.red('failed     '),
  'to do': paint.dim('to do      '),
  'not checked': paint.yellow('not checked'),
};

const printFailure = ({ check, failure }: NonNullable<GradedStep['failed']>): void => {
  const lines = [
    check,
    failure.expected && `expected  ${failure.expected}`,
    `came      ${failure.came}`,
    failure.advice,
    failure.at && `at        ${failure.at}`,
  ];
  for (const line of lines) if (line) console.log(indented(line, 15));
};

const printGrade = ({ lesson, steps, together, broken }: Grade): void => {
  console.log(paint.bold(`\nLesson ${lesson.number} · ${lesson.title}\n`));
  if (broken !== undefined) console.log(indented(`The checks could not be run: ${broken}`, 2));
  for (const step of steps) {
    console.log(`  ${painted[step.state]}  Step ${step.number} · ${step.title}`);
    if (step.failed) printFailure(step.failed);
  }
  console.log(`  ${painted[together.state]}  ${togetherTitle}`);
  if (together.failed) printFailure(together.failed);
};

const printOutput = (grade: Grade): void => {
  const text = grade.output.join('').trimEnd();
  const anyFailed = [...grade.steps, grade.together].some(({ failed }) => failed);
  if (text === '' || !anyFailed) return;
  console.log(paint.dim('\nWhile it was checked, your code printed:'));
  console.log(indented(text, 2));
};

const next = ({ lesson, steps, together }: Grade): string | undefined => {
  const failed = steps.find(({ state }) => state === 'failed');
  const readme = `lessons/${lesson.folder}/README.md`;
  if (failed) {
    return `Next: mend step ${failed.number} in lessons/${lesson.folder}/${failed.half}.ts. Its hints: ${readme}, at "Step ${failed.number}".`;
  }
  if (steps.some(({ state }) => state === 'to do')) return nextStep(lesson);
  if (together.state !== 'passed')
    return `Next: both halves must work together. Run them: npm run lesson:${lesson.number}`;
  return undefined;
};

/**
 * Prints grades, and what to do next.
 *
 * @param grades - the lessons' grades
 * @param answers - whose answers they are
 */
export const printGrades = (grades: Grade[], answers: AnswersFolder): void => {
  for (const grade of grades) {
    printGrade(grade);
    printOutput(grade);
  }
  const steps = grades.flatMap((grade) => grade.steps);
  const passed = steps.filter(({ state }) => state === 'passed').length;
  console.log(`\n${passed} of ${steps.length} steps passed.`);
  if (answers === 'solutions') return;
  const unfinished = grades.find((grade) => next(grade) !== undefined);
  if (unfinished) console.log(next(unfinished));
  else if (grades.length === 1)
    console.log(`Lesson ${grades[0]!.lesson.number} is done. The next one: npm start`);
  else if (grades.length > 1) console.log('Every lesson is done.');
};
