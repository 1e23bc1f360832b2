import { existsSync } from 'node:fs';
import { withFaultyHalf } from './cross-pairing.ts';
import { gradeOf, type Grade } from './grade.ts';
import { stepsOf, todosOf, type Lesson } from '../lesson/lessons.ts';
import { inWorkbook, shown, type AnswersFolder } from '../lesson/paths.ts';
import { fingerprint, rememberGrade } from './progress.ts';
import { runChecks } from './run-checks.ts';

const checksOf = ({ folder }: Lesson): string => inWorkbook('lessons', folder, 'steps.test.ts');

/** @returns a sentence when the checks of a lesson are missing */
export const missingChecks = (lesson: Lesson): string | undefined => {
  const file = shown(checksOf(lesson));
  return existsSync(checksOf(lesson))
    ? undefined
    : `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`;
};

/**
 * Runs the checks of lessons. What they say of a learner's answers is remembered.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @returns their grades, in the same order; that of a lesson whose checks are missing says so
 */
export const gradeLessons = async (lessons: Lesson[], answers: AnswersFolder): Promise<Grade[]> => {
  const present = lessons.filter((lesson) => missingChecks(lesson) === undefined);
  // As the files are now: what is saved while the checks run has not been graded.
  const files = lessons.map(({ folder }) => fingerprint(folder));
  const todos = lessons.map(({ folder }) => (answers === 'lessons' ? todosOf(folder) : []));
  const seen = await runChecks(present.map(checksOf), answers);
  const grades: Grade[] = [];
  for (const [index, lesson] of lessons.entries()) {
    const broken = missingChecks(lesson) ?? '';
    const ofLesson = seen.get(checksOf(lesson)) ?? { checks: [], output: [], broken };
    const grade = gradeOf(lesson, stepsOf(lesson.folder), todos[index]!, ofLesson);
    if (answers === 'lessons') rememberGrade(grade, files[index]!);
    grades.push(answers === 'lessons' ? await withFaultyHalf(grade) : grade);
  }
  return grades;
};
