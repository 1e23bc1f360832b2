import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { Grade, State } from './grade.ts';
import { fileProblem } from '#shared/storage/file-errors.ts';
import { checksOf, fileOf, type Lesson } from '../lesson/lessons.ts';
import { halves, inWorkbook, relativePath } from '../lesson/paths.ts';
import { CannotWrite, writeText } from '../lesson/backup.ts';

/** What is remembered of a lesson: what its checks said last, and of which files. */
export interface LessonProgress {
  /** The {@link fingerprint} of the files that were graded. */
  files: string;
  /** What the checks said of each step, by its number. */
  steps: Record<string, State>;
  /** What they said of both halves together. */
  together: State;
  /** How many hints have been shown, by the number of the step. */
  hints: Record<string, number>;
  /** Whether the task "On your own" has passed once. */
  own?: true;
}

/** What is remembered of all lessons, by folder. Only the checks know the truth: this is what they said last. */
type Progress = Record<string, LessonProgress>;

const file = (): string => inWorkbook('.workbook', 'progress.json');

/** The shape of the file. Another number is another shape. */
const version = 1;

const states: readonly unknown[] = ['passed', 'failed', 'to do', 'not checked'] satisfies State[];

const isRecord = (value: unknown, holds: (inner: unknown) => boolean): value is Record<string, never> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(holds);

const isLesson = (value: unknown): boolean => {
  const { files, steps, together, hints, own } = (value ?? {}) as Partial<LessonProgress>;
  return (
    typeof files === 'string' &&
    isRecord(steps, (state) => states.includes(state)) &&
    states.includes(together) &&
    isRecord(hints, (count) => Number.isInteger(count)) &&
    (own === undefined || own === true)
  );
};

const parse = (text: string): Progress | undefined => {
  try {
    const found = JSON.parse(text) as { version?: unknown; lessons?: unknown };
    return found?.version === version && isRecord(found.lessons, isLesson) ? found.lessons : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Reads what is remembered. A file that is damaged, or that something else has written, is set aside and said; nothing
 * but the memory of the last checks is lost with it, and the next check brings that back.
 */
const read = (): Progress => {
  if (!existsSync(file())) return {};
  let text: string;
  try {
    text = readFileSync(file(), 'utf8');
  } catch (error) {
    console.error(
      `${relativePath(file())} cannot be read: ${fileProblem(error)}. Your files are not touched.`,
    );
    return {};
  }
  const progress = parse(text);
  if (progress) return progress;
  const aside = `${file()}.damaged-${Date.now()}`;
  try {
    renameSync(file(), aside);
    console.error(
      `${relativePath(file())} is damaged, or of another version. It is set aside as ${relativePath(aside)}; a check finds out anew what you have done: npm run check`,
    );
  } catch {
    console.error(
      `${relativePath(file())} is damaged and cannot be moved. Remove it; your lessons are not touched.`,
    );
  }
  return {};
};

/** Changes what is remembered of one lesson. That it cannot be kept, is said once, and is no reason to stop. */
const change = (folder: string, alter: (known: LessonProgress) => LessonProgress): void => {
  const all = read();
  const known = all[folder] ?? { files: '', steps: {}, together: 'not checked', hints: {} };
  const altered = alter(known);
  if (JSON.stringify(altered) === JSON.stringify(all[folder])) return;
  const lessons = { ...all, [folder]: altered };
  try {
    writeText(file(), `${JSON.stringify({ version, lessons }, undefined, 2)}\n`);
  } catch (error) {
    if (!(error instanceof CannotWrite)) throw error;
    if (!unkept) console.error(`Your progress is not kept. ${error.message} npm run doctor looks closer.`);
    unkept = true;
  }
};
let unkept = false;

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from\s+|import\(\s*)['"]#answers\/(\d{2}-[a-z0-9-]+)\//g)].map((match) => match[1]!);

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** @returns the folders whose answers it is made of: its own, and those it imports from, directly or not */
export const answersUsedBy = (folder: string): string[] => {
  const found = new Set([folder]);
  for (const each of found) {
    for (const half of halves) {
      for (const other of importsOf(textOf(fileOf('lessons', each, half)))) found.add(other);
    }
  }
  return [...found];
};

/**
 * @returns a text that changes when a file changes on which the lesson's grade depends: its answers, those it is made
 *   of, and its checks
 */
export const fingerprint = (folder: string): string => {
  const hash = createHash('sha256');
  const answers = answersUsedBy(folder).flatMap((each) =>
    halves.map((half) => fileOf('lessons', each, half)),
  );
  for (const path of [checksOf(folder), ...answers]) {
    // With the line endings of one system or another, it is the same answer.
    hash.update(`${relativePath(path)}\0${textOf(path).replaceAll('\r\n', '\n')}\0`);
  }
  return hash.digest('base64url').slice(0, 22);
};

/** Remembers a grade. @param files - the fingerprint that the lesson had when they began */
export const rememberGrade = ({ lesson, steps, together, broken }: Grade, files: string): void => {
  // Checks that could not be run have found out nothing.
  if (broken !== undefined) return;
  change(lesson.folder, (known) => ({
    ...known,
    files,
    steps: Object.fromEntries(steps.map(({ number, state }) => [number, state])),
    together: together.state,
  }));
};

/** Remembers that so many hints of a step have been shown. */
export const rememberHints = ({ folder }: Lesson, step: number, shownSoFar: number): void =>
  change(folder, (known) => ({ ...known, hints: { ...known.hints, [step]: shownSoFar } }));

/** Remembers that the task "On your own" has passed. */
export const rememberOwnTask = ({ folder }: Lesson): void =>
  change(folder, (known) => ({ ...known, own: true }));

/** @returns what is remembered of each lesson, by folder */
export const remembered = (): Readonly<Progress> => read();
