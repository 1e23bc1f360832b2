import { existsSync, readFileSync } from 'node:fs';
import { whyNotInstalled } from '../loading/missing-package.js';
import { relativePath, type Half } from './paths.ts';
import { fileOf } from './lessons.ts';
import { linesOf } from './step-marks.ts';
import { placesOf, placeText } from './stack-trace.ts';

/** A file of a lesson that cannot be loaded at all, so that none of its steps can run. */
export interface NotLoadable {
  /** A sentence that says why, with the file and the line. */
  message: string;
  /** `file:line` where it has to be mended; the file alone when it is missing. */
  at: string;
}

/** @returns what is said of a file that gives out less than its starter */
export const noLongerExported = (name: string): string =>
  `${name} is not exported any more, and the workbook looks for it by that name. Write export const ${name} again`;

const lost = / is not exported any more, /;

/** @returns what is said of a file in which no code is left; undefined while there is some */
export const nothingLeftIn = (file: string): string | undefined => {
  const source = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  if (source.trim() !== '') return undefined;
  const name = relativePath(file);
  const [, number, half] = /(\d+)-[^/]+\/(server|client)\.ts$/.exec(name) ?? [];
  return `${name} is empty. Bring back what it was in the beginning with: npm run lesson:${Number(number)} reset ${half}`;
};

const emptied = /^(\S+) is empty\. /;

const missing = (folder: string, half: string): NotLoadable => {
  const file = `lessons/${folder}/${half}.ts`;
  const command = `npm run lesson:${Number(folder.slice(0, 2))} reset ${half}`;
  return {
    message: `${file} is missing. Give it back its name, or bring back what it was in the beginning with: ${command}`,
    at: file,
  };
};

/** @returns the first and the last line, counted from 1, between which git has left its marks of a conflict */
const conflictIn = (file: string): [first: number, last: number] | undefined => {
  const lines = existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : [];
  const first = lines.findIndex((line) => /^<{7} /.test(line));
  const last = lines.findLastIndex((line) => /^>{7} /.test(line));
  return first === -1 || last < first ? undefined : [first + 1, last + 1];
};

/**
 * Says why a lesson's file could not be loaded, when the error itself would only puzzle the learner.
 *
 * @param error - what `import()` was rejected with: by tsx in a run, by vite in a check
 * @returns what is wrong when the file is missing or is not valid TypeScript, else undefined
 */
export const notLoadable = (error: unknown): NotLoadable | undefined => {
  const text = error instanceof Error ? error.message : String(error);
  const syntax = /^(.*?\.ts):(\d+):\d+: (?:ERROR|error): (.+)$/m.exec(text);
  if (syntax) {
    const file = relativePath(syntax[1]!);
    const conflict = conflictIn(syntax[1]!);
    if (conflict) {
      const [first, last] = conflict;
      return {
        message: `${file} has git's marks of a conflict in it, from line ${first} to line ${last}: two versions of the same lines, yours and another one. Keep what you want of each, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>`,
        at: `${file}:${first}`,
      };
    }
    const at = `${file}:${syntax[2]}`;
    return { message: `${at} is not valid TypeScript: ${syntax[3]}`, at };
  }
  const notExported = /^The requested module '(.+?)' does not provide an export named '(.+?)'/.exec(text);
  if (notExported) {
    const [, from, name] = notExported;
    const [place] = placesOf(error);
    const at = place ? placeText(place) : '';
    const why = from!.startsWith('#protos/generated/')
      ? `${name} is a type, and is gone when the program runs. Write: import type { ${name} } from '${from}'`
      : `${from} exports no ${name}. If it is a type, write: import type { ${name} }`;
    return { message: `${at} could not be loaded: ${why}`, at };
  }
  const emptyFile = emptied.exec(text)?.[1];
  if (emptyFile !== undefined) return { message: text, at: emptyFile };
  if (lost.test(text)) {
    const [place] = placesOf(error);
    const at = place ? placeText(place) : '';
    return { message: `${at}: ${text}`, at };
  }
  // Vite names what was asked for; once it has found the file, and the file is gone again, the file.
  const absent = /Cannot find module '(?:#answers|\/lessons)\/(.+?)\/(server|client)\.ts'/.exec(text);
  return absent ? missing(absent[1]!, absent[2]!) : undefined;
};

/**
 * Says why a lesson's file could not be loaded.
 *
 * @param error - what `import()` was rejected with
 * @returns one or two sentences, with the file and, where it is known, the line
 */
export const loadFailure = (error: unknown, folder: string, half: Half): string => {
  const file = fileOf('lessons', folder, half);
  if (!existsSync(file)) return missing(folder, half).message;
  const plain = notLoadable(error);
  if (plain) return plain.message;
  const notInstalled = whyNotInstalled(error);
  if (notInstalled !== undefined) return notInstalled;
  const place = placesOf(error)[0];
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
  return `${place ? placeText(place) : relativePath(file)} could not be loaded: ${what}`;
};
