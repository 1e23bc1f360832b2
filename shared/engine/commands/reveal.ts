import { existsSync, readFileSync } from 'node:fs';
import { indented, paint } from '../terminal/style.ts';
import { confirmed } from '../terminal/confirm.ts';
import { difference, signed } from '../terminal/line-diff.ts';
import { fileOf, type Lesson } from '../lesson/lessons.ts';
import { relativePath } from '../lesson/paths.ts';
import { placeOfStep } from '../lesson/step-finder.ts';
import { linesOf, stepRegions, withoutMarks } from '../lesson/step-marks.ts';
import { stepAsked } from '../report/current-step.ts';

/**
 * `npm run lesson:N reveal`: shows the solution of one step and of no other, beside what the learner has there. It
 * changes nothing.
 *
 * @throws UsageError when there is no such step
 */
export const reveal = async (lesson: Lesson, word: string | undefined, agreed: boolean): Promise<number> => {
  const step = await stepAsked(lesson, word);
  if (!step) {
    console.log(
      `Every step of lesson ${lesson.number} passes. To see a solution all the same, name its step:`,
    );
    console.log(`  npm run lesson:${lesson.number} reveal 1`);
    return 0;
  }
  const { number, title, half } = step;
  if (!(await confirmed(`Show the solution of step ${number} · ${title}?`, agreed))) return 0;
  const file = fileOf('lessons', lesson.folder, half);
  const solutionFile = fileOf('solutions', lesson.folder, half);
  const solution = readFileSync(solutionFile, 'utf8');
  const region = stepRegions(solution, relativePath(solutionFile)).find((each) => each.step === number)!;
  const body = linesOf(solution).slice(region.firstLine, region.lastLine - 1);
  const yours = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const place = placeOfStep(yours, solution, relativePath(solutionFile), number);

  console.log(paint.bold(`\nLesson ${lesson.number}, step ${number} · ${title}`));
  if (!place || place.shared.length > 0) {
    console.log(
      place
        ? `Your lines for it stand next to those of step ${place.shared.join(' and ')}, so here is the solution alone.\n`
        : `${relativePath(file)} is no longer like the starter around this step, so here is the solution alone.\n`,
    );
    for (const line of body) console.log(signed('+', line));
    return 0;
  }
  const lines = difference(
    withoutMarks(linesOf(yours).slice(place.from, place.to)),
    place.solution,
    Infinity,
  );
  if (lines.length === 0) {
    console.log(`What you have at ${relativePath(file)}:${place.from + 1} is the solution, to the letter.`);
    return 0;
  }
  console.log(
    indented(
      `at ${relativePath(file)}:${place.from + 1}, yours with "-" before it, the solution with "+"\n`,
      0,
    ),
  );
  for (const line of lines) console.log(line);
  return 0;
};
