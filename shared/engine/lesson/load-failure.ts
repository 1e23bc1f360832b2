import { existsSync } from 'node:fs';
import { whyNotInstalled } from '../loading/why-not-loaded.js';
import { relativePath, type Half } from './paths.ts';
import { fileOf } from './lessons.ts';
import { placesOf, placeText } from './stack-place.ts';

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

const missing = (folder: string, half: string): NotLoadable => {
  const file = `lessons/${folder}/${half}.ts`;
  const command = `npm run lesson:${Number(folder.slice(0, 2))} reset ${half}`;
  return {
    message: `${file} is missing. Give it back its name, or bring back what it was in the beginning with: ${command}`,
    at: file,
  };
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
    const at = `${relativePath(syntax[1]!)}:${syntax[2]}`;
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
 * @param folder - the lesson's folder
 * @param half - which of its files
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
