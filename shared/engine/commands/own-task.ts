import { gradeOwnTask } from '../check/grade-lessons.ts';
import { typeErrors } from '../check/type-errors.ts';
import { changedGivenFiles } from '../lesson/given-files.ts';
import { allLessons, hasOwnTask, type Lesson } from '../lesson/lessons.ts';
import type { AnswersFolder } from '../lesson/paths.ts';
import { printOwnTask } from '../report/print-own-task.ts';
import { UsageError } from '../terminal/usage-error.ts';

/**
 * Grades the task "On your own" of a lesson, and prints what has come of it. It counts for nothing but a star on the map.
 *
 * @returns the exit code: 0 when it has passed, else 1
 * @throws UsageError for a lesson without such a task, and with flags that make no sense here
 */
export const checkOwnTask = async (
  lesson: Lesson,
  { answers, json }: { answers: AnswersFolder; json: boolean },
): Promise<number> => {
  if (!hasOwnTask(lesson.folder)) {
    const others = allLessons().filter(({ folder }) => hasOwnTask(folder));
    throw new UsageError(
      `Lesson ${lesson.number} has no task "On your own". These have one: ${others.map(({ number }) => number).join(', ')}.`,
    );
  }
  if (answers === 'solutions')
    throw new UsageError('Leave out --solution: there is none of what you do on your own.');
  if (json) throw new UsageError('Leave out --json: the task "On your own" is in no grades.');
  const [grade, errors, changed] = await Promise.all([
    gradeOwnTask(lesson),
    typeErrors(),
    changedGivenFiles(),
  ]);
  printOwnTask(grade, errors, changed);
  return grade.together.state === 'passed' ? 0 : 1;
};
