import { existsSync } from 'node:fs';
import { shown, type Half } from './paths.ts';
import { fileOf } from './lessons.ts';
import { placesOf, placeText } from './place.ts';

/**
 * Says why a lesson's file could not be loaded.
 *
 * @param error - what `import()` was rejected with: by tsx in a run, by vite in a check
 * @param folder - the lesson's folder
 * @param half - which of its files
 * @returns one or two sentences, with the file and, where it is known, the line
 */
export const loadFailure = (error: unknown, folder: string, half: Half): string => {
  const file = fileOf('lessons', folder, half);
  if (!existsSync(file)) {
    return `${shown(file)} is missing. Bring it back with: git checkout -- ${shown(file)}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  const syntax = /([^\s:][^\n]*?\.ts):(\d+):\d+: (?:ERROR|error): ([^\n]+)/.exec(text);
  if (syntax) return `${shown(syntax[1]!)}:${syntax[2]} is not valid TypeScript: ${syntax[3]}`;
  const place = placesOf(error)[0];
  const name = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : text;
  return `${place ? placeText(place) : shown(file)} could not be loaded: ${name}`;
};
