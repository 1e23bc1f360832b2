import { existsSync } from 'node:fs';
import { shown, type Half } from './paths.ts';
import { fileOf } from './lessons.ts';
import { placesOf, placeText } from './place.ts';

const missing = (file: string): string => `${file} is missing. Bring it back with: git checkout -- ${file}`;

/**
 * Says why a lesson's file could not be loaded, when the error itself would only puzzle the learner.
 *
 * @param error - what `import()` was rejected with: by tsx in a run, by vite in a check
 * @returns a sentence when the file is missing or is not valid TypeScript, else undefined
 */
export const notLoadable = (error: unknown): string | undefined => {
  const text = error instanceof Error ? error.message : String(error);
  const syntax = /^(.*?\.ts):(\d+):\d+: (?:ERROR|error): (.+)$/m.exec(text);
  if (syntax) return `${shown(syntax[1]!)}:${syntax[2]} is not valid TypeScript: ${syntax[3]}`;
  const absent = /Cannot find module '#answers\/(.+?)'/.exec(text);
  return absent ? missing(`lessons/${absent[1]}`) : undefined;
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
  if (!existsSync(file)) return missing(shown(file));
  const plain = notLoadable(error);
  if (plain !== undefined) return plain;
  const place = placesOf(error)[0];
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
  return `${place ? placeText(place) : shown(file)} could not be loaded: ${what}`;
};
