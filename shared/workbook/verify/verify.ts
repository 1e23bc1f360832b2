import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { paint } from '../../terminal/style.ts';
import { inWorkbook } from '../paths.ts';
import { anatomyProblems } from './anatomy.ts';
import { otherAnswerProblems, wrongAnswerProblems } from './answers.ts';
import { outputProblems } from './readme-output.ts';
import { readmeProblems } from './readme-truths.ts';
import { staircaseProblems } from './staircase.ts';
import { startersOutOfStep } from './starters-in-step.ts';
import { typesOutOfStep } from './types-in-step.ts';

const require = createRequire(import.meta.url);

/** npm's own program, which tells its path to every script that it runs. */
const npm = process.env.npm_execpath ?? '';

/** Runs a script in a process of its own; its whole output is the problem when it fails. */
const outputUnlessPassed = async (script: string, args: string[]): Promise<string[]> => {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: inWorkbook(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? [] : [output.trimEnd()];
};

/** Runs a tool of node_modules. */
const tool = (name: string, bin: string, args: string[]): Promise<string[]> =>
  outputUnlessPassed(path.join(path.dirname(require.resolve(`${name}/package.json`)), bin), args);

/** The formatter and the linter are no part of a learner's install: npm fetches them. */
const lint = async (): Promise<string[]> =>
  npm === ''
    ? ['This needs npm: type npm run verify.']
    : outputUnlessPassed(npm, ['run', '--silent', 'lint']);

/** What is verified, in order: what is quick and mends other things first. Each gives its problems, as sentences. */
const verifications: [string, () => string[] | Promise<string[]>][] = [
  ['the generated types are what the contracts say', typesOutOfStep],
  ['every starter is what its solution says', startersOutOfStep],
  ['every lesson has its parts, its steps and its checks', anatomyProblems],
  ['the READMEs name only what is there', readmeProblems],
  ['the types hold', () => tool('typescript', 'bin/tsc', ['--noEmit'])],
  ['the code is formatted, and the linter content', lint],
  [
    'every solution passes every check, and the engine its tests',
    () =>
      tool('vitest', 'vitest.mjs', [
        'run',
        ...['solutions', 'engine', 'commands'].flatMap((name) => ['--project', name]),
      ]),
  ],
  ['the READMEs show what the solutions print', outputProblems],
  ['the staircase of every lesson holds', staircaseProblems],
  ['every wrong answer is refused by its step, in the words that are written down', wrongAnswerProblems],
  ['every other right answer passes', otherAnswerProblems],
];

/**
 * `npm run verify`: all that an author must know before a change is done.
 *
 * @returns the exit code: 0 when everything holds, else 1
 */
export const verify = async (): Promise<number> => {
  let failed = 0;
  for (const [name, problemsOf] of verifications) {
    const began = Date.now();
    const problems = await problemsOf();
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    console.log(
      `${problems.length === 0 ? paint.green('passed') : paint.red('failed')}  ${name} (${seconds} s)`,
    );
    for (const problem of problems) console.log(`        ${problem}`);
    if (problems.length > 0) failed += 1;
  }
  console.log(`\n${verifications.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};
