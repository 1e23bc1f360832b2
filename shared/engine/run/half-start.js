// @ts-check
// Starts the process of a half. Plain JavaScript, because the launcher uses it before TypeScript can be loaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { colourEnvironment } from '../terminal/colour-support.js';

/**
 * @typedef {object} HalfOptions
 * @property {number} lesson - its number: it stands in the command line, so that a list of processes shows it
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
const start = ({ lesson, half, answers, capture }) => {
  const conditions = answers === 'solutions' ? ['--conditions=solutions'] : [];
  const output = capture ? 'pipe' : 'inherit';
  const child = spawn(process.execPath, [...conditions, entry, half, String(lesson)], {
    cwd: root,
    env: colourEnvironment(),
    stdio: [half === 'client' ? 'inherit' : 'ignore', output, output, 'ipc'],
  });
  return { child, closed: once(child, 'close') };
};

/** @type {Map<string, StartedHalf>} */
const startedAhead = new Map();

/** @param {HalfOptions} options */
const keyOf = (options) => Object.entries(options).toSorted().join(' ');

/**
 * Starts both halves of a run before the command itself is loaded: loading takes most of the time until the first reply.
 * When this process ends before it has named the lesson to them, they end too.
 *
 * @param {number} lesson - its number
 * @param {'lessons' | 'solutions'} answers
 */
export const startPairAhead = (lesson, answers) => {
  for (const half of /** @type {const} */ (['server', 'client'])) {
    const options = { lesson, half, answers, capture: half === 'server' };
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
