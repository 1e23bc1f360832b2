import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '#shared/terminal/ask.ts';
import { readmeOf } from '../engine/lesson/lessons.ts';
import { temporaryFolder } from '../engine/lesson/temporary-folder.ts';
import { codeBlocks } from './code-blocks.ts';

/** A command of a README, and the output that the README promises. */
export interface Promised {
  /** What stands behind `npm run lesson:N`, split as a shell splits it. */
  args: string[];
  output: string[];
  where: string;
}

const words = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

/**
 * @param folder - a lesson's folder
 * @returns every command in its README that is followed by its output
 */
export const promisesOf = (folder: string): Promised[] => {
  const number = Number(folder.slice(0, 2));
  const file = `lessons/${folder}/README.md`;
  const blocks = codeBlocks(readmeOf(folder));
  return blocks.flatMap((block, index) => {
    const command = new RegExp(`^npm run lesson:${number}(?: (.*))?\\n$`).exec(block.text);
    const answer = blocks[index + 1];
    if (block.language !== 'sh' || !command || answer?.language !== 'text') return [];
    const args = words(command[1] ?? '').filter((word) => word !== '--');
    return [{ args, output: answer.text.trimEnd().split('\n'), where: `${file}:${answer.line}` }];
  });
};

let logs = 0;
let folder: string | undefined;

/** @returns a folder that is removed when the process ends */
const folderOfLogs = (): string => {
  if (folder !== undefined) return folder;
  const made = temporaryFolder();
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
};

/**
 * @param settings - what can be set when a lesson's server is started
 * @returns flags with which it keeps nothing: what an earlier run has left would show
 */
export const keepingNothing = (settings: Settings = {}): string[] => {
  if ('db' in settings) return ['--db', ':memory:'];
  // Several servers share it.
  return 'log' in settings ? ['--log', path.join(folderOfLogs(), `${(logs += 1)}.db`)] : [];
};
