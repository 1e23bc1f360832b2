import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allLessons, type Lesson } from '../engine/lesson/lessons.ts';
import { inWorkbook } from '../engine/lesson/paths.ts';
import { UsageError } from '../engine/terminal/usage-error.ts';

/** Lesson 1 is the smallest that has all that a lesson has: a new one begins as its copy. */
const model = { number: 1, folder: '01-unary-hello', title: 'Unary hello' } satisfies Lesson;

/** A file that lists the lessons, and how a new one gets its place there. */
interface List {
  file: string[];
  add: (text: string, lesson: Lesson) => string;
}

/** @returns the text with a line behind the last one that a pattern finds, made from that one */
const behindLast = (text: string, pattern: RegExp, make: (last: string) => string): string => {
  const last = [...text.matchAll(pattern)].at(-1);
  if (!last) throw new Error(`There is no line like ${String(pattern)} to put another one behind.`);
  const end = last.index + last[0].length;
  return text.slice(0, last.index) + make(last[0]) + text.slice(end);
};

const inEditor = (text: string, { number, title }: Lesson): string =>
  behindLast(
    text,
    /^( *)\{ "label": "\d+ · .*", "value": "\d+" \}$/gm,
    (last) => `${last},\n${/^ */.exec(last)![0]}{ "label": "${number} · ${title}", "value": "${number}" }`,
  );

const lists: readonly List[] = [
  {
    file: ['package.json'],
    add: (text, { number }) =>
      behindLast(
        text,
        /^ {4}"lesson:\d+": .*$/gm,
        (last) => `${last}\n    "lesson:${number}": "node shared/engine/cli/launch.js lesson ${number}",`,
      ),
  },
  {
    file: ['README.md'],
    add: (text, { number, folder, title }) =>
      behindLast(
        text,
        /^\| \d+ \| \[.*$/gm,
        (last) => `${last}\n| ${number} | [${title}](lessons/${folder}/README.md) | … | … |`,
      ),
  },
  { file: ['.vscode', 'tasks.json'], add: inEditor },
  { file: ['.vscode', 'launch.json'], add: inEditor },
  {
    // What can go wrong in each step, with the check that refuses it.
    file: ['shared', 'authors', 'verify', 'wrong-kinds.md'],
    add: (text, { number }) => {
      const [, own] = /^## Lesson 1\n([\s\S]*?)(?=^## Lesson 2$)/m.exec(text)!;
      return `${text.trimEnd()}\n\n## Lesson ${number}\n${own!.trimEnd()}\n`;
    },
  },
];

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** @returns a text of the model's, about the new lesson */
const aboutNew = (text: string, { number, folder, title }: Lesson): string =>
  text
    .replaceAll(model.folder, folder)
    .replaceAll(`lesson:${model.number}`, `lesson:${number}`)
    .replaceAll(/\b([Ll])esson 1\b/g, `$1esson ${number}`)
    .replaceAll(model.title, title);

/**
 * `npm run author new 11 "Stop without losing a call"`: makes a lesson that is complete from the first moment on, as a copy
 * of lesson 1 under another name, and puts it into every list. What it is about is then written into it, step by step.
 *
 * @param word - its number, the one behind the last
 * @param title - its title
 * @returns the exit code
 * @throws UsageError when the number is another one, or the title cannot name a folder
 */
export const newLesson = (word: string | undefined, title: string | undefined): number => {
  const next = allLessons().length + 1;
  const slug = slugOf(title ?? '');
  if (word !== String(next) || title === undefined || slug === '') {
    throw new UsageError(`Say its number and its title: npm run author new ${next} "What it is about"`);
  }
  const lesson: Lesson = { number: next, folder: `${String(next).padStart(2, '0')}-${slug}`, title };
  for (const top of ['lessons', 'solutions']) {
    const target = inWorkbook(top, lesson.folder);
    if (existsSync(target)) throw new UsageError(`${top}/${lesson.folder} is there already.`);
    cpSync(inWorkbook(top, model.folder), target, { recursive: true });
    for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      writeFileSync(file, aboutNew(readFileSync(file, 'utf8'), lesson));
    }
    console.log(`made     ${top}/${lesson.folder}/`);
  }
  for (const { file, add } of lists) {
    const place = inWorkbook(...file);
    writeFileSync(place, add(readFileSync(place, 'utf8'), lesson));
    console.log(`written  ${file.join('/')}`);
  }
  // A longer name breaks lines elsewhere. Where npm has not started this, the linter says so later.
  const npm = process.env.npm_execpath;
  const made = ['lessons', 'solutions'].map((top) => `${top}/${lesson.folder}`);
  if (npm !== undefined) {
    spawnSync(process.execPath, [npm, 'run', '--silent', 'format', '--', ...made], { cwd: inWorkbook() });
  }
  console.log(`
It holds as it is: npm run verify. Now make it yours, in this order: the contract in protos/ (npm run generate), the
solution, npm run author starters, the README, the checks, wrong-kinds.md, the answers (npm run author pin ${next}), the
experiments. .github/CONTRIBUTING.md says more, and npm run verify what is still missing.`);
  return 0;
};
