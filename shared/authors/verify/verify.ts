import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { paint } from '../../engine/terminal/style.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { anatomyProblems } from './anatomy.ts';
import { otherAnswers, wrongAnswers } from './answers.ts';
import { importProblems } from './imports.ts';
import { outputProblems } from './readme-output.ts';
import { readmeProblems } from './readme-truths.ts';
import { staircase } from './staircase.ts';
import { startersOutOfStep } from './starters-in-step.ts';
import { typesOutOfStep } from '../../engine/lesson/generated-types.ts';
import { problemsOfSets, type VariantSet } from './variants.ts';

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

/** Runs all tests of these projects of vitest.config.ts. */
const tests = (...projects: string[]): Promise<string[]> =>
  tool('vitest', 'vitest.mjs', ['run', ...projects.flatMap((name) => ['--project', name])]);

/** What is verified, in order: what is quick and mends other things first. Each gives its problems, as sentences. */
const verifications: [string, () => string[] | Promise<string[]>][] = [
  ['the generated types are what the contracts say', typesOutOfStep],
  ['every starter is what its solution says', startersOutOfStep],
  ['every lesson has its parts, its steps and its checks', anatomyProblems],
  ['imports run one way', importProblems],
  ['the READMEs name only what is there', readmeProblems],
  ['the types hold', () => tool('typescript', 'bin/tsc', ['--noEmit'])],
  ['the code is formatted, and the linter content', lint],
  [
    'every solution passes every check, the engine its tests, and every experiment does what the text says',
    () => tests('solutions', 'units', 'isolated', 'commands', 'experiments'),
  ],
  ['the READMEs show what the solutions print', outputProblems],
];

/** What is verified last, all at once, on other answers than the finished ones. */
const onVariants: [string, () => VariantSet][] = [
  ['the staircase of every lesson holds', staircase],
  ['every wrong answer is refused by its step, in the words that are written down', wrongAnswers],
  ['every other right answer passes', otherAnswers],
];

const secondsSince = (began: number): string => `${((Date.now() - began) / 1000).toFixed(1)} s`;

const report = (name: string, problems: string[], took: string): void => {
  console.log(`${problems.length === 0 ? paint.green('passed') : paint.red('failed')}  ${name} (${took})`);
  for (const problem of problems) console.log(`        ${problem}`);
};

/**
 * `npm run verify`: all that an author must know before a change is done.
 *
 * @returns the exit code: 0 when everything holds, else 1
 */
export const verify = async (): Promise<number> => {
  const found: string[][] = [];
  for (const [name, problemsOf] of verifications) {
    const began = Date.now();
    const problems = await problemsOf();
    report(name, problems, secondsSince(began));
    found.push(problems);
  }
  const began = Date.now();
  const ofSets = await problemsOfSets(onVariants.map(([, setOf]) => setOf()));
  const took = `${secondsSince(began)} for all ${onVariants.length}`;
  for (const [index, [name]] of onVariants.entries()) report(name, ofSets[index]!, took);
  found.push(...ofSets);
  const failed = found.filter((problems) => problems.length > 0).length;
  console.log(`\n${found.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};
