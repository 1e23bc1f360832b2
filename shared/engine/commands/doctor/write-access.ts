import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ok, problem, type Finding } from './finding.ts';

/** Writes a file into a folder and removes it again, with the folder when it was not there before. */
const writeAndRemove = (folder: string): void => {
  const made = mkdirSync(folder, { recursive: true });
  try {
    const scratch = mkdtempSync(path.join(folder, '.doctor-'));
    try {
      // A file of some size: a full disk may still have room for an empty one.
      writeFileSync(path.join(scratch, 'written'), ' '.repeat(8192));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
};

const whyNot = (name: string, code: string): Finding => {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return problem(
        `Nothing can be written into ${name}/: the disk is full, or your share of it is used up.`,
        'Make room, and look again.',
      );
    case 'EEXIST':
    case 'ENOTDIR':
      return problem(
        `${name} is a file, and the workbook needs a folder of this name.`,
        'Give the file another name, or remove it.',
      );
    case 'EROFS':
      return problem(
        `Nothing can be written into ${name}/: it is on a disk that can only be read.`,
        'Copy or clone the workbook to a place of your own, for example into your home folder.',
      );
    default:
      return problem(
        `Nothing can be written into ${name}/ (${code}): the folder may belong to somebody else.`,
        'Has something been run with sudo, or as an administrator? Make the folder yours again, or clone the workbook into a place of your own.',
      );
  }
};

/**
 * Looks whether files can be written into a folder of the workbook, by writing one.
 *
 * @param write - writes into a folder, and leaves nothing there
 */
export const lookAtWriting = (folder: string, name: string, write = writeAndRemove): Finding => {
  try {
    write(path.join(folder, name));
    return ok(`Files can be written into ${name}/.`);
  } catch (error) {
    return whyNot(name, (error as NodeJS.ErrnoException).code ?? String(error));
  }
};
