import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workbook's top folder, as an absolute path. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Which folder answers are taken from: the learner's, or the finished ones. */
export type AnswersFolder = 'lessons' | 'solutions';

/** One side of a lesson's pair. */
export type Half = 'server' | 'client';

/** Both sides, the server first: that is the order their steps are in. */
export const halves: readonly Half[] = ['server', 'client'];

/**
 * @param names - parts of a path below the workbook's top folder
 * @returns the absolute path
 */
export const inWorkbook = (...names: string[]): string => path.join(root, ...names);

/**
 * @param file - an absolute path
 * @returns the path as the workbook prints it everywhere: from its top folder on, with forward slashes
 */
export const relativePath = (file: string): string => path.relative(root, file).split(path.sep).join('/');
