import { existsSync } from 'node:fs';
import { gradeOf } from './grade.ts';
import { stepsOf, todosOf, type Lesson } from './lessons.ts';
import { inWorkbook, shown, type AnswersFolder } from './paths.ts';
import { gradesDocument } from './grades-json.ts';
import { printGrades } from './print-grades.ts';
import { runChecks } from './run-checks.ts';
import { typeErrors } from './type-errors.ts';

const checksOf = ({ folder }: Lesson): string => inWorkbook('lessons', folder, 'steps.test.ts');

const missing = (lesson: Lesson): string => {
  const file = shown(checksOf(lesson));
  return `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`;
};

/**
 * Grades answers: runs the checks, and prints for each step whether it has passed, has failed, or is to do.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @param json - whether to print a document for programs in place of text for people
 * @returns the exit code: 0 when every step has passed, else 1
 */
export const check = async (lessons: Lesson[], answers: AnswersFolder, json = false): Promise<number> => {
  const present = lessons.filter((lesson) => existsSync(checksOf(lesson)));
  for (const lesson of lessons) if (!present.includes(lesson)) console.error(missing(lesson));
  if (present.length === 0 && !json) return 1;
  const [seen, errors] = await Promise.all([
    runChecks(present.map(checksOf), answers),
    answers === 'lessons' ? typeErrors() : [],
  ]);
  // For people, what is missing has been said; a program finds every lesson that it has asked for.
  const grades = (json ? lessons : present).map((lesson) => {
    const todos = answers === 'lessons' ? todosOf(lesson.folder) : [];
    const ofLesson = seen.get(checksOf(lesson)) ?? { checks: [], output: [], broken: missing(lesson) };
    return gradeOf(lesson, stepsOf(lesson.folder), todos, ofLesson);
  });
  if (json) console.log(JSON.stringify(gradesDocument(grades, errors), null, 2));
  else printGrades(grades, errors, answers);
  const allPassed = grades.every(({ steps, together }) =>
    [...steps, together].every(({ state }) => state === 'passed'),
  );
  return allPassed && present.length === lessons.length ? 0 : 1;
};
