// @ts-check
// Starts the process of a half. Plain JavaScript, because the launcher uses it before TypeScript can be loaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { colourEnvironment } from '../terminal/colour.js';

/**
 * @typedef {object} HalfOptions
 * @property {'server' | 'client'} half
 * @property {'lessons' | 'solutions'} answers - which folder `#answers/…` leads to
 * @property {boolean} capture - whether its output comes to the command, instead of going straight to the terminal
 */

/**
 * @typedef {object} StartedHalf
 * @property {import('node:child_process').ChildProcess} child
 * @property {Promise<(number | string | null)[]>} closed - resolves with exit code and signal when it has ended and all its output is there
 */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const entry = fileURLToPath(new URL('./half/main.js', import.meta.url));

/** @param {HalfOptions} options @returns {StartedHalf} */
const start = ({ half, answers, capture }) => {
  const conditions = answers === 'solutions' ? ['--conditions=solutions'] : [];
  const output = capture ? 'pipe' : 'inherit';
  const child = spawn(process.execPath, [...conditions, entry, half], {
    cwd: root,
    env: colourEnvironment(),
    stdio: [half === 'client' ? 'inherit' : 'ignore', output, output, 'ipc'],
  });
  return { child, closed: once(child, 'close') };
};

/** @type {Map<string, StartedHalf>} */
const startedAhead = new Map();

/** @param {HalfOptions} options */
const keyOf = ({ half, answers, capture }) => `${half} ${answers} ${capture}`;

/**
 * Starts both halves of a run before the command itself is loaded: loading takes most of the time until the first reply.
 * The command then names the lesson. When this process ends before, they end too.
 *
 * @param {'lessons' | 'solutions'} answers
 */
export const startPairAhead = (answers) => {
  for (const options of [
    { half: /** @type {const} */ ('server'), answers, capture: true },
    { half: /** @type {const} */ ('client'), answers, capture: false },
  ]) {
    startedAhead.set(keyOf(options), start(options));
  }
};

/**
 * @param {HalfOptions} options
 * @returns {StartedHalf} a process that waits for the lesson's name; the one that was started ahead if it fits
 */
export const startHalf = (options) => {
  const ahead = startedAhead.get(keyOf(options));
  startedAhead.delete(keyOf(options));
  return ahead ?? start(options);
};

/** Ends what was started ahead and is not needed. */
export const endUnused = () => {
  for (const { child } of startedAhead.values()) child.kill('SIGKILL');
  startedAhead.clear();
};
