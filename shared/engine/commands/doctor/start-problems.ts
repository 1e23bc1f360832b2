import { root } from '../../lesson/paths.ts';
import { lookAtWriting } from './write-access.ts';

/** The folders that the workbook and its learner write into. */
export const writtenFolders = ['lessons', '.workbook'] as const;

/**
 * The few looks of the doctor that are quick enough for every `npm start`: some ten milliseconds.
 *
 * @returns for each problem what was found and what to do, in sentences; mostly there is none
 */
export const startProblems = (folder: string = root): string[] =>
  writtenFolders
    .map((name) => lookAtWriting(folder, name))
    .filter(({ state }) => state === 'problem')
    .map(({ found, remedy }) => `${found} ${remedy}`);
