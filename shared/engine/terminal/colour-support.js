// @ts-check
// Whether to use colours. Plain JavaScript, because processes are started with it before TypeScript can be loaded.
import { Chalk } from 'chalk';

/** Whether colours may be used: not into a pipe, and not when the person has said no. */
export const colourful =
  !process.env.NO_COLOR &&
  process.env.FORCE_COLOR !== '0' &&
  !process.argv.includes('--no-color') &&
  (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));

/** Paints text. Colour only ever repeats what the words say. */
export const paint = colourful ? new Chalk() : new Chalk({ level: 0 });

/**
 * @returns {NodeJS.ProcessEnv} what a child process needs in its environment to paint as this one does: it sees no
 *   terminal of its own
 */
export const colourEnvironment = () => {
  const environment = { ...process.env };
  // Node warns when both are set.
  delete environment.NO_COLOR;
  return { ...environment, FORCE_COLOR: colourful ? String(Math.max(1, paint.level)) : '0' };
};
