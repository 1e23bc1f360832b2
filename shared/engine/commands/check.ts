import { gradeLessons } from '../check/grade-lessons.ts';
import { changedGivenFiles } from '../lesson/given-files.ts';
import type { Lesson } from '../lesson/lessons.ts';
import type { AnswersFolder } from '../lesson/paths.ts';
import { typeErrors } from '../check/type-errors.ts';

/**
 * Grades answers: runs the checks, and prints for each step whether it has passed, has failed, or is to do.
 *
 * @param json - whether to print a document for programs in place of text for people
 * @returns the exit code: 0 when every step has passed, else 1
 */
export const check = async (lessons: Lesson[], answers: AnswersFolder, json = false): Promise<number> => {
  const [grades, errors, changed] = await Promise.all([
    gradeLessons(lessons, answers),
    answers === 'lessons' ? typeErrors() : [],
    answers === 'lessons' ? changedGivenFiles() : [],
  ]);
  if (json) {
    const { gradesDocument } = await import('../report/grades-json.ts');
    console.log(JSON.stringify(gradesDocument(grades, errors), null, 2));
  } else {
    const { printGrades } = await import('../report/print-grades.ts');
    printGrades(grades, errors, answers, changed);
  }
  const allPassed = grades.every(({ steps, together }) =>
    [...steps, together].every(({ state }) => state === 'passed'),
  );
  return allPassed ? 0 : 1;
};
