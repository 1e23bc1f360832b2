import { readFileSync } from 'node:fs';
import { inWorkbook } from '../engine/lesson/paths.ts';

/**
 * Reads a file that an editor reads: JSON, in which a comment may stand on a line of its own.
 *
 * @param file - the file from the workbook's top folder on, for example `.vscode/tasks.json`
 * @returns what it holds
 * @throws SyntaxError when it is not valid
 */
export const readEditorFile = (file: string): unknown =>
  JSON.parse(readFileSync(inWorkbook(file), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''));

/** How VS Code asks a person for one of several values, in `tasks.json` and `launch.json`. */
export interface PickList {
  id: string;
  type: 'pickString';
  options: { label: string; value: string }[];
}

/** What `.vscode/tasks.json` holds. */
export interface Tasks {
  tasks: {
    label: string;
    command: string;
    args: string[];
    problemMatcher: { pattern: ProblemPattern | ProblemPattern[] }[];
  }[];
  inputs: PickList[];
}

/** How VS Code reads a problem from a line: which group of the expression holds what. */
export interface ProblemPattern {
  regexp: string;
  file?: number;
  line?: number;
  message?: number;
}

/** What `.vscode/launch.json` holds. */
export interface Launch {
  configurations: { name: string; program: string; args: string[]; cwd: string }[];
  inputs: PickList[];
}
