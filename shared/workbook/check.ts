import { gradeLessons } from './grade-lessons.ts';
import type { Lesson } from './lessons.ts';
import type { AnswersFolder } from './paths.ts';
import { printGrades } from './print-grades.ts';
import { typeErrors } from './type-errors.ts';

/**
 * Grades answers: runs the checks, and prints for each step whether it has passed, has failed, or is to do.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @returns the exit code: 0 when every step has passed, else 1
 */
export const check = async (lessons: Lesson[], answers: AnswersFolder): Promise<number> => {
  const [grades, errors] = await Promise.all([
    gradeLessons(lessons, answers),
    answers === 'lessons' ? typeErrors() : [],
  ]);
  if (grades.length === 0) return 1;
  printGrades(grades, errors, answers);
  const allPassed = grades.every(({ steps, together }) =>
    [...steps, together].every(({ state }) => state === 'passed'),
  );
  return allPassed && grades.length === lessons.length ? 0 : 1;
};
