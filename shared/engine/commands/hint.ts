import { parse, render } from '../terminal/markdown.ts';
import { columns, indented, paint } from '../terminal/style.ts';
import { hintsOf } from '../lesson/hints.ts';
import type { Lesson } from '../lesson/lessons.ts';
import { remembered, rememberHints } from '../check/progress.ts';
import { stepAsked } from '../report/current-step.ts';

/** Without a terminal, or on a wide one, lines have at most so many columns. */
const widest = 80;

/**
 * `npm run lesson:N hint`: shows the next hint for a step, the weaker first; asked again, the stronger as well.
 *
 * @throws UsageError when there is no such step
 */
export const hint = async (lesson: Lesson, word?: string): Promise<number> => {
  const step = await stepAsked(lesson, word);
  const again = `npm run lesson:${lesson.number}`;
  if (!step) {
    console.log(`Every step of lesson ${lesson.number} passes: there is nothing left to hint at.`);
    return 0;
  }
  const { number, title } = step;
  const readme = `lessons/${lesson.folder}/README.md`;
  const hints = hintsOf(lesson.folder, number);
  if (hints.length === 0) {
    console.error(
      `${readme} has no hints for step ${number} any more. Bring it back with: git checkout -- ${readme}`,
    );
    return 1;
  }
  const before = remembered()[lesson.folder]?.hints[number] ?? 0;
  const count = Math.min(before + 1, hints.length);
  const width = Math.min(columns(), widest);
  console.log(paint.bold(indented(`Lesson ${lesson.number}, step ${number} · ${title}`, 0)));
  for (const [index, text] of hints.slice(0, count).entries()) {
    console.log(`\nHint ${index + 1} of ${hints.length}`);
    console.log(render(parse(text), { width, folder: `lessons/${lesson.folder}` }).join('\n\n'));
  }
  rememberHints(lesson, number, count);
  const argument = word === undefined ? '' : ` ${word}`;
  const further =
    count < hints.length
      ? `Ask again for a stronger one: ${again} hint${argument}`
      : `That was the strongest. The solution of this step alone: ${again} reveal${argument}`;
  console.log(`\n${indented(further, 0)}`);
  return 0;
};
