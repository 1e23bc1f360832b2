import { paint } from '../terminal/style.ts';
import { stepsOf, todosOf, writtenCount, type Lesson } from './lessons.ts';

/**
 * Says what a learner does next in a lesson.
 *
 * @param lesson - the lesson
 * @returns a few lines to print
 */
export const nextStep = (lesson: Lesson): string => {
  const [todo] = todosOf(lesson.folder);
  const check = `npm run lesson:${lesson.number} check`;
  if (!todo) return `Every step of lesson ${lesson.number} is written. Grade it with: ${paint.bold(check)}`;
  const count = stepsOf(lesson.folder).length;
  return [
    `${paint.bold(`Next: lesson ${lesson.number}, step ${todo.number} · ${todo.title}`)} (${writtenCount(lesson.folder)} of ${count} steps written)`,
    `  write  ${todo.file}:${todo.line}, in place of TODO ${todo.number} and of the line that throws`,
    `  read   lessons/${lesson.folder}/README.md`,
    `  check  ${check}`,
  ].join('\n');
};
