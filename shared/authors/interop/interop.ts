import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { colourEnvironment } from '../../engine/terminal/style.ts';
import { root } from '../../engine/lesson/paths.ts';
import { generateStubs } from './stubs.ts';
import { findBuf, findPython } from './tools.ts';

/**
 * `npm run interop`: has the solutions talk to clients and servers that nobody here has written, gRPC for Python with
 * what it generates from the contracts, and buf.
 *
 * @param files - parts of the names of the test files to run; none: all of them
 * @returns the exit code: 0 when they understand each other, 1 when they do not
 * @throws CannotUseTool when Python or buf is missing
 */
export const interop = async (files: string[]): Promise<number> => {
  const stubs = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-'));
  // Ctrl-C is for the tests. The folder is removed after them.
  process.on('SIGINT', () => {});
  try {
    const python = findPython();
    const buf = findBuf();
    generateStubs(python, stubs);
    const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
    const child = spawn(
      process.execPath,
      [path.join(path.dirname(vitest), 'vitest.mjs'), 'run', '--project', 'interop', ...files],
      {
        cwd: root,
        env: { ...colourEnvironment(), INTEROP_PYTHON: python, INTEROP_STUBS: stubs, INTEROP_BUF: buf },
        stdio: 'inherit',
      },
    );
    const [code] = (await once(child, 'close')) as [number | null];
    // Without a code, a signal has ended it.
    return code ?? 130;
  } finally {
    rmSync(stubs, { recursive: true, force: true });
  }
};
