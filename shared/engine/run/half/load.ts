import { loadFailure, nothingLeftIn } from '../../lesson/load-failure.ts';
import { fileOf } from '../../lesson/lessons.ts';
import type { Half } from '../../lesson/paths.ts';
import { giveUp } from './command-link.ts';

/** What the workbook calls in a lesson's file. */
const entries: Record<Half, string> = { server: 'start', client: 'main' };

/**
 * Loads a lesson's file, or ends this half with a sentence that says why it cannot be.
 *
 * @param answers - `#answers`, which package.json leads to the lessons or the solutions; or the solutions
 * @returns what the file exports
 */
export const load = async (
  answers: '#answers' | '../../../../solutions',
  folder: string,
  half: Half,
): Promise<Record<string, unknown>> => {
  const entry = entries[half];
  const exported = await import(`${answers}/${folder}/${half}.ts`).then(
    (file) => file as Record<string, unknown>,
    (error: unknown) => giveUp(loadFailure(error, folder, half)),
  );
  if (typeof exported[entry] === 'function') return exported;
  const empty = answers === '#answers' ? nothingLeftIn(fileOf('lessons', folder, half)) : undefined;
  return giveUp(
    empty ?? `lessons/${folder}/${half}.ts does not export "${entry}", which the workbook calls to begin.`,
  );
};
