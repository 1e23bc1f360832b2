import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { halves, inWorkbook, relativePath, type AnswersFolder, type Half } from './paths.ts';
import { stepRegions, unwrittenSteps } from './step-marks.ts';

/** A numbered lesson. */
export interface Lesson {
  number: number;
  /** Its folder's name in `lessons/` and in `solutions/`, for example `01-unary-hello`. */
  folder: string;
  /** Its title, from the first heading of its README. */
  title: string;
}

/** A step of a lesson. */
export interface Step {
  number: number;
  title: string;
  /** Which file of the pair it is written in. */
  half: Half;
}

const folderName = /^(\d{2})-[a-z0-9-]+$/;

/** @returns the text of a lesson's README, or an empty text when the learner has lost it */
export const readmeOf = (folder: string): string => {
  const file = inWorkbook('lessons', folder, 'README.md');
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
};

const titleOf = (folder: string): string =>
  /^# (?:Lesson \d+ · )?(.+?)\s*$/m.exec(readmeOf(folder))?.[1] ?? folder.slice(3).replaceAll('-', ' ');

/**
 * Finds the lessons. A lesson is there because its folder is in `solutions/`: a learner never edits those,
 * so a lesson cannot get lost.
 *
 * @returns every lesson, in order
 */
export const allLessons = (): Lesson[] =>
  readdirSync(inWorkbook('solutions'))
    .filter((name) => folderName.test(name))
    .toSorted()
    .map((folder) => ({ number: Number(folder.slice(0, 2)), folder, title: titleOf(folder) }));

/** @returns the absolute path of one half of a lesson */
export const fileOf = (answers: AnswersFolder, folder: string, half: Half): string =>
  inWorkbook(answers, folder, `${half}.ts`);

/** What is checked of a lesson: its steps, or the task "On your own". */
export type Checked = 'steps' | 'own';

/** @returns the absolute path of a lesson's checks */
export const checksOf = (folder: string, of: Checked = 'steps'): string =>
  inWorkbook('lessons', folder, `${of}.test.ts`);

/** @returns whether a lesson ends with a task "On your own": as the solution has it, which a learner never edits */
export const hasOwnTask = (folder: string): boolean =>
  existsSync(inWorkbook('solutions', folder, 'proof', 'own-answer.md'));

/**
 * Lists the steps of a lesson. Which file holds a step comes from the solution, which a learner never edits;
 * its title comes from the README, the one place where titles are written for people.
 *
 * @returns its steps, in order
 * @throws Error when a solution's regions are not well formed
 */
export const stepsOf = (folder: string): Step[] => {
  const titles = new Map(
    [...readmeOf(folder).matchAll(/^### Step (\d+) · (.+?)\s*$/gm)].map(([, number, title]) => [
      Number(number),
      title!,
    ]),
  );
  return halves
    .flatMap((half) => {
      const file = fileOf('solutions', folder, half);
      return stepRegions(readFileSync(file, 'utf8'), relativePath(file)).map(({ step, title }) => ({
        number: step,
        title: titles.get(step) ?? title,
        half,
      }));
    })
    .toSorted((a, b) => a.number - b.number);
};

/** A step that is still to be written: its TODO line in the learner's file. */
export interface Todo extends Step {
  /** The file from the workbook's top folder on. */
  file: string;
  /** Counted from 1. */
  line: number;
}

/** @returns the steps that the learner has still to write, in order; a file that is missing has none */
export const todosOf = (folder: string): Todo[] =>
  stepsOf(folder).flatMap((step) => {
    const file = fileOf('lessons', folder, step.half);
    const line = existsSync(file) ? unwrittenSteps(readFileSync(file, 'utf8')).get(step.number) : undefined;
    return line === undefined ? [] : [{ ...step, file: relativePath(file), line }];
  });

/** @returns the names of the questions that its halves ask, each of which is a flag: as the solution has them */
export const questionsOf = (folder: string): string[] =>
  halves.flatMap((half) => {
    const source = readFileSync(fileOf('solutions', folder, half), 'utf8');
    return [...source.matchAll(/^  '?([\w-]+)'?: \{\s*message: /gm)].map(([, name]) => name!);
  });
