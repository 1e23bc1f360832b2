import { existsSync } from 'node:fs';
import { withFaultyHalf } from './cross-pairing.ts';
import { gradeOf, type Grade, type Seen } from './grade.ts';
import { checksOf, stepsOf, todosOf, type Lesson } from '../lesson/lessons.ts';
import { relativePath, type AnswersFolder } from '../lesson/paths.ts';
import { fingerprint, rememberGrade } from './progress.ts';
import { runChecks } from './run-checks.ts';

/** @returns a sentence when the checks of a lesson are missing */
const missingChecks = ({ folder }: Lesson): string | undefined => {
  const file = relativePath(checksOf(folder));
  return existsSync(checksOf(folder))
    ? undefined
    : `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`;
};

/**
 * Runs the checks of lessons and grades them: the one way to a verdict. What it is for a learner's answers is remembered.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @param run - how the checks are run: their files go in, as absolute paths, and what was seen comes out, by file
 * @returns their grades, in the same order; that of a lesson whose checks are missing says so
 */
export const gradeLessons = async (
  lessons: Lesson[],
  answers: AnswersFolder,
  run: (files: string[]) => Promise<Map<string, Seen>> = (files) => runChecks(files, answers),
): Promise<Grade[]> => {
  const present = lessons.filter((lesson) => missingChecks(lesson) === undefined);
  // As the files are now: what is saved while the checks run has not been graded.
  const files = lessons.map(({ folder }) => fingerprint(folder));
  const todos = lessons.map(({ folder }) => (answers === 'lessons' ? todosOf(folder) : []));
  const seen =
    present.length > 0 ? await run(present.map(({ folder }) => checksOf(folder))) : new Map<string, Seen>();
  const grades: Grade[] = [];
  for (const [index, lesson] of lessons.entries()) {
    const broken = missingChecks(lesson) ?? '';
    const ofLesson = seen.get(checksOf(lesson.folder)) ?? { checks: [], output: [], broken };
    const grade = gradeOf(lesson, stepsOf(lesson.folder), todos[index]!, ofLesson);
    if (answers === 'lessons') rememberGrade(grade, files[index]!);
    grades.push(answers === 'lessons' ? await withFaultyHalf(grade) : grade);
  }
  return grades;
};
