import { randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** How a file is written as a whole. */
export interface HowWritten {
  /** Who may read and write it, from the first moment on; by default, whoever the system lets. */
  mode?: number;
  /** Leaves a file that is there already as it is, even one that another process makes at this moment. */
  once?: boolean;
}

/** How long another program may hold a file open, as a virus scanner does with one that was just saved, in milliseconds. */
const heldMs = 1_000;

/** How long to wait before trying again, in milliseconds. */
const pause = 20;

/** Puts one file in the place of another. Windows refuses it while another program holds one of them open. */
const replace = (draft: string, file: string): void => {
  const held = process.platform === 'win32' ? ['EBUSY', 'EPERM', 'EACCES'] : ['EBUSY'];
  for (const until = Date.now() + heldMs; ;) {
    try {
      renameSync(draft, file);
      return;
    } catch (error) {
      if (!held.includes((error as NodeJS.ErrnoException).code!) || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
};

/**
 * Writes a file as a whole or not at all: a reader finds what was there before or what is there now, even after a crash.
 *
 * The library for this, write-file-atomic 7, puts half a file in its place when the disk is full: it does not look how
 * much was written. `writeFileSync` does.
 *
 * @param file - its path; its folder has to be there
 * @param content - what the file is to hold
 * @throws ErrnoException when it cannot be written; its `path` is that of the file, and what was there is there still
 */
export const writeWhole = (
  file: string,
  content: string | Buffer,
  { mode = 0o666, once }: HowWritten = {},
) => {
  const draft = `${file}.${randomUUID()}.new`;
  try {
    writeFileSync(draft, content, { mode, flag: 'wx', flush: true });
    if (once) linkSync(draft, file);
    else replace(draft, file);
  } catch (error) {
    if (once && (error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  } finally {
    rmSync(draft, { force: true });
  }
};
