import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../engine/lesson/paths.ts';
import { colourEnvironment } from '../engine/terminal/style.ts';

/** Vitest's own program, as an absolute path. */
export const vitestProgram = path.join(
  path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

/**
 * Runs the tests of a project of vitest.config.ts in this terminal.
 *
 * @param project - its name
 * @param files - parts of the names of the files to run; none: all of them
 * @param env - environment variables for the tests
 * @returns the exit code: 0 when all have passed; 130 when a signal has ended them
 */
export const runTests = async (
  project: string,
  files: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> => {
  const child = spawn(process.execPath, [vitestProgram, 'run', '--project', project, ...files], {
    cwd: root,
    env: { ...colourEnvironment(), ...env },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 130;
};
