import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '../test-run.ts';
import { generateStubs } from './stubs.ts';
import { findBuf, findPython } from './tools.ts';

/**
 * `npm run author interop`: has the solutions talk to clients and servers that nobody here has written, gRPC for Python with
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
    return await runTests('interop', files, {
      INTEROP_PYTHON: python,
      INTEROP_STUBS: stubs,
      INTEROP_BUF: buf,
    });
  } finally {
    rmSync(stubs, { recursive: true, force: true });
  }
};
