import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../lesson/temporary-folder.ts';

/**
 * @returns the path of an empty folder for the test that is running. It is removed when the test is over; a file in it
 * that is still in use then, as an SQLite database can be on Windows, is left to the system's own cleaning.
 */
export const tempFolder = (): string => {
  const folder = temporaryFolder();
  onTestFinished(() => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {}
  });
  return folder;
};
