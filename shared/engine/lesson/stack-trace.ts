import { pathToFileURL } from 'node:url';
import { linesOf } from './step-marks.ts';
import { root } from './paths.ts';

/** A line in a file of a lesson. */
export interface Place {
  /** The file from the workbook's top folder on, for example `lessons/01-unary-hello/server.ts`. */
  file: string;
  /** Counted from 1. */
  line: number;
  /** The number of the lesson that the file belongs to. */
  lesson: number;
}

const answersFile = /(?:^|\/)(?:lessons|solutions)\/(\d{2})-[a-z0-9-]+\/[\w-]+\.ts$/;

const rootAddress = pathToFileURL(root).href;
const rootPath = root.replaceAll('\\', '/');

/** Cuts a frame of a stack to the file below the workbook's top folder and the line in it. Folders may be named anyhow. */
const below = (frame: string): [file: string, line: number] | undefined => {
  const text = frame.replaceAll('\\', '/');
  const top = text.includes(rootAddress) ? rootAddress : rootPath;
  const start = text.indexOf(top);
  const match = start === -1 ? null : /^(.+?):(\d+)(?::\d+)?\)?$/.exec(text.slice(start + top.length));
  if (!match) return undefined;
  return [top === rootAddress ? decodeURIComponent(match[1]!) : match[1]!, Number(match[2])];
};

/**
 * Reads from an error's stack where the code of a lesson was running.
 *
 * @returns the lines of lesson files in the stack, the innermost first; none when the error has no such line
 */
export const placesOf = (error: unknown): Place[] => {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  return linesOf(error.stack).flatMap((frame) => {
    const [file, line] = below(frame.trim()) ?? [];
    const lesson = file === undefined ? undefined : answersFile.exec(file)?.[1];
    return lesson === undefined ? [] : [{ file: file!, line: line!, lesson: Number(lesson) }];
  });
};

/** @returns the place as an editor or a terminal can open it: `file:line` */
export const placeText = ({ file, line }: Place): string => `${file}:${line}`;
