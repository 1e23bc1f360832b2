import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileProblem } from '#shared/storage/file-errors.ts';
import { writeWhole } from '#shared/storage/atomic-write.ts';
import { inWorkbook, relativePath } from './paths.ts';

/** A file could not be written. Its message is for the person; what was in it is still there. */
export class CannotWrite extends Error {
  override name = 'CannotWrite';

  constructor(file: string, error: unknown) {
    super(
      `${relativePath(file)} could not be written: ${fileProblem(error)}. What was in it is still there.`,
    );
  }
}

/**
 * Writes a file as a whole or not at all.
 *
 * @param file - an absolute path; its folder is made when it is missing
 * @param text - what the file is to hold
 * @throws CannotWrite
 */
export const writeText = (file: string, text: string): void => {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, text);
  } catch (error) {
    throw new CannotWrite(file, error);
  }
};

const kept = inWorkbook('.workbook', 'replaced');

/**
 * Finds what was replaced last.
 *
 * @param files - absolute paths in the workbook
 * @returns of the newest folder that keeps one of them: those that it keeps, each with its text
 */
export const replacedLast = (files: readonly string[]): { file: string; text: string }[] => {
  const moments = existsSync(kept) ? readdirSync(kept).toSorted().toReversed() : [];
  for (const moment of moments) {
    const found = files
      .map((file) => ({ file, copy: path.join(kept, moment, relativePath(file)) }))
      .filter(({ copy }) => existsSync(copy));
    if (found.length > 0) return found.map(({ file, copy }) => ({ file, text: readFileSync(copy, 'utf8') }));
  }
  return [];
};

/** Replaces files, and keeps what was in them under `.workbook/replaced/`, in a folder of this moment. */
export class Backup {
  readonly #folder = path.join(kept, new Date().toISOString().replaceAll(':', '-'));
  #used = false;

  /** Where the replaced files are, from the workbook's top folder on; undefined when nothing was there to keep. */
  get keptIn(): string | undefined {
    return this.#used ? relativePath(this.#folder) : undefined;
  }

  /**
   * @param file - an absolute path in the workbook
   * @param text - what the file is to hold from now on
   * @throws CannotWrite when the old text cannot be kept, or the new one not be written; the file is as it was then
   */
  replace(file: string, text: string): void {
    if (existsSync(file)) {
      writeText(path.join(this.#folder, relativePath(file)), readFileSync(file, 'utf8'));
      this.#used = true;
    }
    writeText(file, text);
  }
}
