/**
 * Puts a student's answers in the place of this workbook's own, so that these checks grade them:
 * `node --import tsx shared/authors/classroom/take-answers.ts <the student's workbook>`.
 * Of the student's workbook, the two files of each lesson are taken and nothing else.
 */
import { copyFileSync, existsSync, lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { allLessons, fileOf } from '../../engine/lesson/lessons.ts';
import { halves, relativePath } from '../../engine/lesson/paths.ts';

const [from] = process.argv.slice(2);
if (from === undefined || !existsSync(path.join(from, 'lessons'))) {
  console.error(
    `${from === undefined ? 'Nothing' : `"${from}"`} is no workbook: name a folder that has lessons/ in it.`,
  );
  process.exit(2);
}

for (const { folder } of allLessons()) {
  for (const half of halves) {
    const place = fileOf('lessons', folder, half);
    const file = path.join(from, relativePath(place));
    // What the student has removed is missing here too. A link could lead to a solution.
    const isAnswer = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
    if (isAnswer) copyFileSync(file, place);
    else rmSync(place, { force: true });
    console.log(`${isAnswer ? 'taken  ' : 'missing'}  ${relativePath(place)}`);
  }
}
