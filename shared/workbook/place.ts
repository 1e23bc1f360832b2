import { fileURLToPath } from 'node:url';
import { linesOf } from './steps.ts';
import { shown } from './paths.ts';

/** A line in a file of a lesson. */
export interface Place {
  /** The file from the workbook's top folder on, for example `lessons/01-unary-hello/server.ts`. */
  file: string;
  /** Counted from 1. */
  line: number;
  /** The number of the lesson that the file belongs to. */
  lesson: number;
}

const frame = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()]*?):(\d+)(?::\d+)?\)?$/;
const answersFile = /(?:^|\/)(?:lessons|solutions)\/(\d{2})-[a-z0-9-]+\/(?:server|client)\.ts$/;

/**
 * Reads from an error's stack where the code of a lesson was running.
 *
 * @param error - whatever was thrown
 * @returns the lines of lesson files in the stack, the innermost first; none when the error has no such line
 */
export const placesOf = (error: unknown): Place[] => {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  return linesOf(error.stack).flatMap((line) => {
    const match = frame.exec(line.trim());
    if (!match) return [];
    const where = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!;
    const file = shown(where);
    const lesson = answersFile.exec(file)?.[1];
    return lesson === undefined ? [] : [{ file, line: Number(match[2]), lesson: Number(lesson) }];
  });
};

/** @returns the place as an editor or a terminal can open it: `file:line` */
export const placeText = ({ file, line }: Place): string => `${file}:${line}`;
