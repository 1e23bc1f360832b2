import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { paint } from '../../engine/terminal/style.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { anatomyProblems } from './lesson-anatomy.ts';
import { otherAnswers, ownTasks, wrongAnswers } from './answers.ts';
import { guideProblems } from './grpc-guides.ts';
import { importProblems } from './imports.ts';
import { outputProblems } from './readme-commands.ts';
import { readmeProblems } from './readme-claims.ts';
import { staircase } from './staircase.ts';
import { startersOutOfStep } from './starters-match.ts';
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

/** Its title, and what finds its problems, as sentences. */
type Verification = [title: string, problemsOf: () => string[] | Promise<string[]>];

/** What is verified one after the other: it is quick, and mends other things first. */
const quickOnes: Verification[] = [
  ['the generated types are what the contracts say', typesOutOfStep],
  ['every starter is what its solution says', startersOutOfStep],
  ['every lesson has its parts, its steps and its checks', anatomyProblems],
  ['imports run one way', importProblems],
  ['the READMEs name only what is there', () => [...readmeProblems(), ...guideProblems()]],
  ['the types hold', () => tool('typescript', 'bin/tsc', ['--noEmit'])],
  ['the code is formatted, and the linter content', lint],
];

const unitTests: Verification = [
  'every solution passes every check, and the engine its tests',
  () => tests('solutions', 'units', 'isolated'),
];

/** What starts real commands, and waits for most of its time: all at once. */
const commandTests: Verification[] = [
  [
    'every command does what it says, and every experiment of "Break it" what the text says',
    () => tests('commands', 'experiments'),
  ],
  ['the READMEs show what the solutions print', outputProblems],
];

/** What is verified last, all at once, on other answers than the finished ones. */
const onVariants: [string, () => VariantSet][] = [
  ['the staircase of every lesson holds', staircase],
  ['every wrong answer is refused by its step, in the words that are written down', wrongAnswers],
  ['every other right answer passes', otherAnswers],
  ['every task "On your own" can be done, and is not done by the finished pair', ownTasks],
];

const secondsSince = (began: number): string => `${((Date.now() - began) / 1000).toFixed(1)} s`;

const report = (name: string, problems: string[], took: string): void => {
  console.log(`${problems.length === 0 ? paint.green('passed') : paint.red('failed')}  ${name} (${took})`);
  for (const problem of problems) console.log(`        ${problem}`);
};

const verified = async ([title, problemsOf]: Verification): Promise<boolean> => {
  const began = Date.now();
  const problems = await problemsOf();
  report(title, problems, secondsSince(began));
  return problems.length === 0;
};

/**
 * `npm run verify`: all that an author must know before a change is done.
 *
 * @param tested - whether `npm test` has just passed, so that its tests need not run again
 * @returns the exit code: 0 when everything holds, else 1
 */
export const verify = async (tested: boolean): Promise<number> => {
  const passed: boolean[] = [];
  for (const each of tested ? quickOnes : [...quickOnes, unitTests]) passed.push(await verified(each));
  passed.push(...(await Promise.all(commandTests.map(verified))));
  const began = Date.now();
  const ofSets = await problemsOfSets(onVariants.map(([, setOf]) => setOf()));
  const took = `${secondsSince(began)} for all ${onVariants.length}`;
  for (const [index, [title]] of onVariants.entries()) {
    report(title, ofSets[index]!, took);
    passed.push(ofSets[index]!.length === 0);
  }
  const failed = passed.filter((holds) => !holds).length;
  console.log(`\n${passed.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};
