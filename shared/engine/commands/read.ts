import { parse, render, widestText, type Block, type Details, type Page } from '../terminal/markdown.ts';
import { canPrompt, Interrupted, prompt } from '#shared/terminal/prompt.ts';
import { columns, visibleWidth } from '../terminal/style.ts';
import { readmeOf, type Lesson } from '../lesson/lessons.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** Where a lesson is read: a terminal with somebody at it, or whatever the output goes to. */
export interface Reader {
  /** How many columns a line may have. */
  width: number;
  print: (text: string) => void;
  /** Set when somebody is there to choose. */
  person?: {
    /** How many lines the terminal shows. */
    rows: number;
    /** How many columns it shows. */
    columns: number;
    /** Asks, and returns one of the choices. Enter takes the first one, or another where one is named. Throws Interrupted when the person leaves. */
    choose: (message: string, choices: readonly string[], initial?: string) => Promise<string>;
  };
}

const terminal = (): Reader => {
  const { stdout } = process;
  return {
    // Asked anew for each page: a terminal can be resized.
    get width() {
      return Number.isFinite(columns()) ? Math.min(columns(), widestText) : 80;
    },
    print: (text) => console.log(text),
    ...(stdout.isTTY &&
      canPrompt() && {
        person: {
          get rows() {
            return stdout.rows;
          },
          get columns() {
            return stdout.columns;
          },
          choose: (message: string, choices: readonly string[], initial?: string) =>
            prompt(message, { choices, ...(initial !== undefined && { initial }) }),
        },
      }),
  };
};

/** A part of a lesson's text: what stands below one of its main headings, or one step. */
interface Part {
  title: string;
  blocks: Block[];
  /** Set when it is shown only on request. */
  folded?: true;
}

const answersTitle = 'The answers';

/** Puts into words what is folded in a part, and where it is found; the answers become a part of their own. */
const fold = ({ title, blocks }: Part, { number }: Lesson): Part[] => {
  const details = blocks.filter((block): block is Details => block.type === 'details');
  const rest = blocks.filter((block) => block.type !== 'details');
  if (details.length === 0) return [{ title, blocks }];
  if (/^Step \d/.test(title)) {
    const count = `${details.length} ${details.length === 1 ? 'hint' : 'hints'} for this step`;
    return [
      {
        title,
        blocks: [
          ...rest,
          ...parse(`${count}: \`npm run lesson:${number} hint ${title.replace(/^Step (\d+).*/, '$1')}\``),
        ],
      },
    ];
  }
  const questions = details.map(({ summary }, index) => `${index + 1}. ${summary}`);
  const where = `The answers are folded: \`npm run lesson:${number} read answers\``;
  return [
    { title, blocks: [...rest, ...parse(`${questions.join('\n')}\n\n${where}`)] },
    {
      title: answersTitle,
      blocks: [
        ...parse(`## ${answersTitle}`),
        ...details.map((block, index) => ({ ...block, summary: questions[index]! })),
      ],
      folded: true,
    },
  ];
};

const partsOf = (lesson: Lesson, readme: string): Part[] => {
  const parts: Part[] = [];
  for (const block of parse(readme)) {
    const begins =
      block.type === 'heading' && (block.depth <= 2 || (block.depth === 3 && /^Step \d/.test(block.text)));
    if (begins || parts.length === 0) {
      parts.push({ title: begins ? block.text : lesson.title, blocks: [block] });
    } else {
      parts.at(-1)!.blocks.push(block);
    }
  }
  return parts.flatMap((part) => fold(part, lesson));
};

/** Finds a part by its title, by how that begins (`idea`, `step 2`), or by what is in it. */
const findPart = (parts: Part[], name: string, { number }: Lesson): Part => {
  const wanted = name.trim().toLowerCase();
  const titles = parts.map(({ title }) => title.toLowerCase().replace(/^the /, ''));
  const word = wanted.replace(/^the /, '');
  const matches = [
    (title: string) => title === word,
    (title: string) => title.startsWith(word),
    (title: string) => title.includes(word),
  ];
  for (const match of matches) {
    const found = parts[titles.findIndex(match)];
    if (found) return found;
  }
  throw new UsageError(
    `Lesson ${number} has no part "${name}". Its parts: ${parts.map(({ title }) => title).join(', ')}.`,
  );
};

/** Breaks a part where a screen is full: between its pieces where it can, between lines where it must. */
const screenfuls = (pieces: string[], rows: number, width: number): string[] => {
  const height = (text: string): number =>
    text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleWidth(line) / width)), 0);
  const screens: string[] = [];
  const add = (text: string, between: string): void => {
    const last = screens.at(-1);
    if (last !== undefined && height(last + between + text) <= rows)
      screens[screens.length - 1] += between + text;
    else screens.push(text);
  };
  for (const piece of pieces) {
    if (height(piece) <= rows) {
      add(piece, '\n\n');
    } else {
      const [first, ...others] = piece.split('\n');
      add(first!, '\n\n');
      for (const line of others) add(line, '\n');
    }
  }
  return screens;
};

/** What stands around a screenful: a blank line above it and below, the question and three choices. A fourth one may scroll the first blank line away. */
const menuRows = 6;

const leave = 'leave';
const another = 'another part';
const more = 'more';
const answers = 'the answers';

/** Asks which part to go to; Esc stays at the one that is open. */
const chooseOther = async (
  titles: string[],
  at: number,
  { choose }: NonNullable<Reader['person']>,
): Promise<number> => {
  try {
    return titles.indexOf(await choose('Which part?', titles, titles[at]));
  } catch (error) {
    if (error instanceof Interrupted && error.key === 'Esc') return at;
    throw error;
  }
};

/** Reads on from part to part, a screenful at a time, until the end or until the person leaves. */
const readOn = async (
  parts: Part[],
  folder: string,
  reader: Reader,
  person: NonNullable<Reader['person']>,
): Promise<void> => {
  const titles = parts.map(({ title }) => title);
  let at = 0;
  for (;;) {
    const part = parts[at]!;
    const next = parts.findIndex(({ folded }, index) => index > at && !folded);
    const screens = screenfuls(
      render(part.blocks, { width: reader.width, folder }),
      Math.max(4, person.rows - menuRows),
      person.columns,
    );
    let goTo: number | undefined;
    for (const [index, screen] of screens.entries()) {
      reader.print(`\n${screen}\n`);
      const isLast = index === screens.length - 1;
      const ways = [
        ...(isLast ? (next === -1 ? [] : [`next: ${titles[next]}`]) : [more]),
        ...(isLast && parts[at + 1]?.folded ? [answers] : []),
        ...(isLast && next === -1 ? [leave, another] : [another, leave]),
      ];
      const chosen = await person.choose('Enter: go on, or choose', ways);
      if (chosen === leave) return;
      if (chosen === another) goTo = await chooseOther(titles, at, person);
      if (chosen === answers) goTo = at + 1;
      if (goTo !== undefined) break;
    }
    at = goTo ?? next;
  }
};

/**
 * `npm run lesson:3 read`: shows the lesson's README in the terminal. Somebody at a terminal reads it part by part;
 * without one, the whole text is printed. Hints and answers stay folded; the answers are a part that can be asked for.
 *
 * @param name - shows this part alone: its title, or how it begins, such as `idea`, `step 2` or `answers`
 * @returns the exit code: 1 when the README is missing
 * @throws UsageError when there is no such part; Interrupted when the person ends it by Ctrl-C
 */
export const read = async (lesson: Lesson, name?: string, reader: Reader = terminal()): Promise<number> => {
  const folder = `lessons/${lesson.folder}`;
  const readme = readmeOf(lesson.folder);
  if (readme === '') {
    console.error(`${folder}/README.md is missing. Bring it back with: git checkout -- ${folder}/README.md`);
    return 1;
  }
  const parts = partsOf(lesson, readme);
  const page: Page = { width: reader.width, folder };
  if (name === undefined && reader.person) {
    try {
      await readOn(parts, folder, reader, reader.person);
    } catch (error) {
      if (!(error instanceof Interrupted) || error.key === 'Ctrl-C') throw error;
    }
    return 0;
  }
  const shown = name === undefined ? parts.filter(({ folded }) => !folded) : [findPart(parts, name, lesson)];
  reader.print(shown.flatMap(({ blocks }) => render(blocks, page)).join('\n\n'));
  return 0;
};
