import { readFileSync } from 'node:fs';
import { rememberOwnTask } from '../check/progress.ts';
import { stateOf } from '../check/grade.ts';
import { runChecks } from '../check/run-checks.ts';
import { allLessons, checksOf, hasOwnTask, type Lesson } from '../lesson/lessons.ts';
import type { AnswersFolder } from '../lesson/paths.ts';
import { printFailure } from '../report/print-grades.ts';
import { paint } from '../terminal/style.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** @returns the task's title, which its checks have as that of their group */
const titleOf = (folder: string): string =>
  /^describe\('(On your own · .+?)'/m.exec(readFileSync(checksOf(folder, 'own'), 'utf8'))?.[1] ??
  'On your own';

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
    const others = allLessons()
      .filter(({ folder }) => hasOwnTask(folder))
      .map(({ number }) => number);
    throw new UsageError(
      `Lesson ${lesson.number} has no task "On your own". These have one: ${others.join(', ')}.`,
    );
  }
  if (answers === 'solutions')
    throw new UsageError('Leave out --solution: there is none of what you do on your own.');
  if (json) throw new UsageError('Leave out --json: the task "On your own" is in no grades.');
  const file = checksOf(lesson.folder, 'own');
  const { checks, broken } = (await runChecks([file], 'lessons')).get(file)!;
  const { state, failed } = stateOf(checks);
  console.log(`\n${paint.bold(titleOf(lesson.folder))}\n`);
  if (state === 'passed' && broken === undefined) {
    rememberOwnTask(lesson);
    console.log(`It works. Lesson ${lesson.number} has a star on the map now: npm start`);
    return 0;
  }
  if (failed) printFailure(failed, lesson.folder, `lessons/${lesson.folder}/`);
  else console.log(`The checks could not be run: ${broken ?? 'there are none'}`);
  console.log(
    `\nIt does not work yet. The task stands in lessons/${lesson.folder}/README.md; it has no hints.`,
  );
  return 1;
};
