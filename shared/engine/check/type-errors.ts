import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOf } from '../lesson/step-marks.ts';
import { runToEnd } from '../lesson/child-process.ts';

/**
 * The answers alone, and only what has changed since the last time: the checks run beside it on the same processors, and
 * with them and the engine the compiler would take up five times as much.
 */
const answersConfig = fileURLToPath(new URL('./answers.tsconfig.json', import.meta.url));

/** An error that the TypeScript compiler finds in a learner's file. */
export interface CompilerError {
  /** The file from the workbook's top folder on. */
  file: string;
  /** Counted from 1. */
  line: number;
  message: string;
}

/** @returns each error of the compiler's output, with the last of the lines indented below it */
const errorsWithDetails = (output: string): [whole: string, deepest: string | undefined][] =>
  output
    .split(/\r?\n(?! )/)
    .map((text) => linesOf(text))
    .map(([whole, ...details]) => [whole!, details.at(-1)?.trim()]);

/**
 * Asks the compiler what it thinks of the learner's files. Running and checking them needs no compiler, and
 * a step is graded by what it does; but a wrong type is most often why it does something else.
 *
 * @returns the errors in `lessons/`, at most the first of each line
 */
export const typeErrors = async (): Promise<CompilerError[]> => {
  const folder = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  // On one processor: the checks need the others.
  const { stdout } = await runToEnd(process.execPath, [
    path.join(folder, 'bin', 'tsc'),
    '--project',
    answersConfig,
    '--pretty',
    'false',
    '--singleThreaded',
  ]);
  const errors: CompilerError[] = [];
  // What stands indented below an error goes deeper and deeper into it: the last such line says what is wrong.
  for (const [whole, deepest] of errorsWithDetails(stdout)) {
    const match = /^(lessons\/[\w-]+\/[\w-]+\.ts)\((\d+),\d+\): error TS\d+: (.+)$/.exec(whole);
    if (!match) continue;
    const message = deepest === undefined ? match[3]! : `${match[3]} ${deepest}`;
    errors.push({ file: match[1]!, line: Number(match[2]), message });
  }
  return errors;
};
