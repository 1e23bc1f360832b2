import { existsSync } from 'node:fs';
import { gradeOf } from './grade.ts';
import { stepsOf, todosOf, type Lesson } from './lessons.ts';
import { inWorkbook, shown, type AnswersFolder } from './paths.ts';
import { printGrades } from './print-grades.ts';
import { runChecks } from './run-checks.ts';
import { typeErrors } from './type-errors.ts';

const checksOf = ({ folder }: Lesson): string => inWorkbook('lessons', folder, 'steps.test.ts');

/**
 * Grades answers: runs the checks, and prints for each step whether it has passed, has failed, or is to do.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @returns the exit code: 0 when every step has passed, else 1
 */
export const check = async (lessons: Lesson[], answers: AnswersFolder): Promise<number> => {
  const present = lessons.filter((lesson) => existsSync(checksOf(lesson)));
  for (const lesson of lessons.filter((each) => !present.includes(each))) {
    const file = shown(checksOf(lesson));
    console.error(
      `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`,
    );
  }
  if (present.length === 0) return 1;
  const [seen, errors] = await Promise.all([
    runChecks(present.map(checksOf), answers),
    answers === 'lessons' ? typeErrors() : [],
  ]);
  const grades = present.map((lesson) => {
    const todos = answers === 'lessons' ? todosOf(lesson.folder) : [];
    return gradeOf(lesson, stepsOf(lesson.folder), todos, seen.get(checksOf(lesson))!);
  });
  printGrades(grades, errors, answers);
  const allPassed = grades.every(({ steps, together }) =>
    [...steps, together].every(({ state }) => state === 'passed'),
  );
  return allPassed && present.length === lessons.length ? 0 : 1;
};
