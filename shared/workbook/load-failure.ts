import { existsSync } from 'node:fs';
import { shown, type Half } from './paths.ts';
import { fileOf } from './lessons.ts';
import { placesOf, placeText } from './place.ts';

/**
 * @param error - what `import()` was rejected with: by tsx in a run, by vite in a check
 * @returns a sentence with file and line when the file is not valid TypeScript, else undefined
 */
export const syntaxFailure = (error: unknown): string | undefined => {
  const text = error instanceof Error ? error.message : String(error);
  const match = /^(.*?\.ts):(\d+):\d+: (?:ERROR|error): (.+)$/m.exec(text);
  return match ? `${shown(match[1]!)}:${match[2]} is not valid TypeScript: ${match[3]}` : undefined;
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
  if (!existsSync(file)) {
    return `${shown(file)} is missing. Bring it back with: git checkout -- ${shown(file)}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  const syntax = syntaxFailure(error);
  if (syntax !== undefined) return syntax;
  const place = placesOf(error)[0];
  const name = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : text;
  return `${place ? placeText(place) : shown(file)} could not be loaded: ${name}`;
};
