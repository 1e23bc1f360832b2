/**
 * Prints what `check -- --json` has found as a table in Markdown, and says whether it is enough:
 * `node --import tsx shared/authors/classroom/summary.ts <file> <numbers of the lessons that must be done …>`.
 * The exit code is 0 when each of these lessons is done, 1 when one is not, and 2 when it cannot be told.
 */
import { readFileSync } from 'node:fs';
import type { GradesDocument, LessonDocument, ResultDocument } from '../../engine/report/grades-json.ts';

const hasPassed = ({ state }: ResultDocument): boolean => state === 'passed';
const isDone = ({ steps, together }: LessonDocument): boolean => [...steps, together].every(hasPassed);

/** Text that cannot end a cell or begin a tag. */
const cell = (text: string): string =>
  text.replaceAll(/[\\|<&`*_[\]]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll(/\s+/g, ' ');

const remarkOf = ({ steps, together, broken }: LessonDocument): string => {
  if (broken !== undefined) return broken;
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed) return `Step ${failed.number} · ${failed.title}: came ${failed.failure?.came ?? 'nothing'}`;
  if (together.state === 'failed') return `Both halves together: came ${together.failure?.came ?? 'nothing'}`;
  const todo = steps.find(({ state }) => state === 'to do');
  return todo ? `To do: step ${todo.number} · ${todo.title}` : '';
};

const rowOf = (lesson: LessonDocument, required: boolean): string => {
  const passed = lesson.steps.filter(hasPassed).length;
  const cells = [
    `${lesson.number} · ${lesson.title}`,
    required ? 'yes' : 'no',
    `${passed} of ${lesson.steps.length}`,
    isDone(lesson) ? 'done' : 'not done',
    remarkOf(lesson),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
};

const giveUp = (why: string): never => {
  console.error(why);
  return process.exit(2);
};

const read = (file: string): GradesDocument => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as GradesDocument;
  } catch (error) {
    return giveUp(`${file} holds no grades, so the check itself has failed: ${(error as Error).message}`);
  }
};

const [file, ...required] = process.argv.slice(2);
if (required.length === 0) {
  giveUp(
    'Name the file with the grades, and the numbers of the lessons that must be done: grades.json 1 2 3',
  );
}
const { lessons, passed, total } = read(file!);
const unknown = required.filter((number) => !lessons.some((lesson) => String(lesson.number) === number));
if (unknown.length > 0) giveUp(`There is no lesson ${unknown.join(', ')} among the grades.`);

const isRequired = ({ number }: LessonDocument): boolean => required.includes(String(number));
const open = lessons.filter((lesson) => isRequired(lesson) && !isDone(lesson)).map(({ number }) => number);
console.log('| Lesson | Required | Steps passed | | What comes next |\n| --- | --- | --- | --- | --- |');
for (const lesson of lessons) console.log(rowOf(lesson, isRequired(lesson)));
console.log(`\n${passed} of ${total} steps passed.`);
console.log(
  open.length === 0
    ? `**Passed**: every required lesson is done (${required.join(', ')}).`
    : `**Not passed yet**: of the required lessons, ${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} not done.`,
);
process.exitCode = open.length === 0 ? 0 : 1;
