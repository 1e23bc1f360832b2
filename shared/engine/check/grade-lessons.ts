import { existsSync } from 'node:fs';
import { withFaultyHalf } from './faulty-half.ts';
import { gradeOf, stateOf, type Grade, type Seen } from './grade.ts';
import { checksOf, stepsOf, todosOf, type Lesson } from '../lesson/lessons.ts';
import { relativePath, type AnswersFolder } from '../lesson/paths.ts';
import { fingerprint, rememberGrade, rememberOwnTask } from './progress.ts';
import { runChecks } from './run-checks.ts';

/** @returns a sentence when a file of checks is missing */
const missingChecks = (checks: string): string | undefined => {
  const file = relativePath(checks);
  return existsSync(checks)
    ? undefined
    : `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`;
};

/**
 * Runs the checks of lessons and grades them: the one way to a verdict. What it is for a learner's answers is remembered.
 *
 * @param run - how the checks are run: their files go in, as absolute paths, and what was seen comes out, by file
 * @returns their grades, in the same order; that of a lesson whose checks are missing says so
 */
export const gradeLessons = async (
  lessons: Lesson[],
  answers: AnswersFolder,
  run: (files: string[]) => Promise<Map<string, Seen>> = (files) => runChecks(files, answers),
): Promise<Grade[]> => {
  const present = lessons.filter(({ folder }) => missingChecks(checksOf(folder)) === undefined);
  // As the files are now: what is saved while the checks run has not been graded.
  const files = lessons.map(({ folder }) => fingerprint(folder));
  const todos = lessons.map(({ folder }) => (answers === 'lessons' ? todosOf(folder) : []));
  const seen =
    present.length > 0 ? await run(present.map(({ folder }) => checksOf(folder))) : new Map<string, Seen>();
  const grades: Grade[] = [];
  for (const [index, lesson] of lessons.entries()) {
    const broken = missingChecks(checksOf(lesson.folder)) ?? '';
    const ofLesson = seen.get(checksOf(lesson.folder)) ?? { checks: [], output: [], broken };
    const grade = gradeOf(lesson, stepsOf(lesson.folder), todos[index]!, ofLesson);
    if (answers === 'lessons') rememberGrade(grade, files[index]!);
    grades.push(answers === 'lessons' ? await withFaultyHalf(grade) : grade);
  }
  return grades;
};

/**
 * Runs the checks of a lesson's task "On your own", on the learner's answers, and remembers that it has passed.
 *
 * @returns its grade: it has no steps, and the task stands in the place of both halves together
 */
export const gradeOwnTask = async (lesson: Lesson): Promise<Grade> => {
  const file = checksOf(lesson.folder, 'own');
  const broken = missingChecks(file);
  const seen: Seen =
    broken === undefined
      ? (await runChecks([file], 'lessons')).get(file)!
      : { checks: [], output: [], broken };
  const together = stateOf(seen.checks);
  if (together.state === 'passed') rememberOwnTask(lesson);
  return {
    lesson,
    steps: [],
    together,
    output: seen.output,
    ...(seen.broken !== undefined && { broken: seen.broken }),
  };
};
