import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Lesson } from '../lesson/lessons.ts';
import { root, type Half } from '../lesson/paths.ts';

const entry = fileURLToPath(new URL('./process/load-main.js', import.meta.url));

/** How long loading all files may take, in milliseconds. A file that never loads is for the checks to find. */
const loadTimeoutMs = 10_000;

/** A half of a lesson that a run cannot load. */
export interface Unloaded {
  folder: string;
  half: Half;
  /** A sentence on why, with the file and the line. */
  message: string;
  at: string;
}

/**
 * Loads the learner's files as a run does. Vite, which loads them for the checks, is less strict: it knows `require`,
 * and does not mind a type that is imported without the word `type`.
 *
 * @param lessons - the lessons whose files to load
 * @returns the halves that cannot be loaded
 */
export const unloadable = async (lessons: Lesson[]): Promise<Unloaded[]> => {
  const child = spawn(process.execPath, [entry, ...lessons.map(({ folder }) => folder)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: loadTimeoutMs,
    killSignal: 'SIGKILL',
  });
  const [found] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [[]])])) as [
    Unloaded[],
  ];
  return found;
};
