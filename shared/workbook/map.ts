import { paint } from '../terminal/style.ts';
import { allLessons, stepsOf, writtenCount } from './lessons.ts';
import { nextStep } from './next-step.ts';

/**
 * `npm start`: prints the map of the lessons, how much of each is written, and what to do next.
 *
 * @returns the exit code
 */
export const printMap = (): number => {
  const lessons = allLessons().map((lesson) => ({
    lesson,
    count: stepsOf(lesson.folder).length,
    written: writtenCount(lesson.folder),
  }));
  console.log(paint.bold('gRPC Workbook\n'));
  for (const { lesson, count, written } of lessons) {
    const state = written === count ? 'all steps written' : `${written} of ${count} steps written`;
    console.log(`  ${lesson.number}  ${lesson.title} · ${state}`);
  }
  const current = lessons.find(({ written, count }) => written < count);
  console.log(
    current ? `\n${nextStep(current.lesson)}` : '\nEvery step is written. Grade them all: npm run check',
  );
  if (current) console.log(`  run    npm run lesson:${current.lesson.number}`);
  return 0;
};
