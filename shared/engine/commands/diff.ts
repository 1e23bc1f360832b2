import { existsSync, readFileSync } from 'node:fs';
import { indented, paint } from '../terminal/style.ts';
import { difference } from '../terminal/line-diff.ts';
import { fileOf, type Lesson } from '../lesson/lessons.ts';
import { halves, relativePath } from '../lesson/paths.ts';
import { linesOf, withoutMarks } from '../lesson/step-marks.ts';

/** How many equal lines are shown around what differs. */
const context = 2;

/** `npm run lesson:N diff`: shows where the learner's files differ from the solution's. */
export const compare = (lesson: Lesson): number => {
  for (const half of halves) {
    const file = fileOf('lessons', lesson.folder, half);
    const solution = fileOf('solutions', lesson.folder, half);
    console.log(paint.bold(`\n${relativePath(file)}`));
    if (!existsSync(file)) {
      console.log(
        indented(`is missing. Bring it back with: npm run lesson:${lesson.number} reset ${half}`, 2),
      );
      continue;
    }
    const [yours, theirs] = [file, solution].map((path) => withoutMarks(linesOf(readFileSync(path, 'utf8'))));
    const lines = difference(yours!, theirs!, context);
    if (lines.length === 0) {
      console.log('  is the solution, to the letter');
      continue;
    }
    console.log(indented(`yours with "-" before it, ${relativePath(solution)} with "+"\n`, 0));
    for (const line of lines) console.log(line);
  }
  return 0;
};
