import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inWorkbook } from './paths.ts';

/**
 * Makes an empty folder for temporary files, where the system keeps such. Where the environment names a place that is not
 * there (TMPDIR; TEMP on Windows), it is made in `.workbook/`.
 *
 * @returns its path; whoever asked for it removes it
 */
export const temporaryFolder = (): string => {
  try {
    return mkdtempSync(path.join(tmpdir(), 'grpc-workbook-'));
  } catch {
    const ours = inWorkbook('.workbook', 'temporary');
    mkdirSync(ours, { recursive: true });
    return mkdtempSync(path.join(ours, 'grpc-workbook-'));
  }
};
