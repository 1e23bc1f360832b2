import { readFileSync } from 'node:fs';
import { fileOf } from './lessons.ts';
import { relativePath, type Half } from './paths.ts';
import { linesOf, stepRegions, unwrittenMessage } from './step-marks.ts';

/**
 * Derives what a learner starts from: each step's region in the solution becomes one TODO line with the
 * step's title, and one line that says, when it is reached, that the step is not written yet.
 *
 * @param file - how to name the file in an error
 * @param written - the steps to leave as the solution has them (none for a starter); their region marks go too
 * @returns the text of the derived file
 * @throws Error when the solution's regions are not well formed
 */
export const deriveStarter = (
  solution: string,
  file: string,
  written: ReadonlySet<number> = new Set(),
): string => {
  const lines = linesOf(solution);
  const derived: string[] = [];
  let next = 0;
  for (const { step, title, firstLine, lastLine } of stepRegions(solution, file)) {
    derived.push(...lines.slice(next, firstLine - 1));
    if (written.has(step)) {
      derived.push(...lines.slice(firstLine, lastLine - 1));
    } else {
      const indent = /^\s*/.exec(lines[firstLine - 1]!)![0];
      derived.push(
        `${indent}// TODO ${step} · ${title}`,
        `${indent}throw new Error('${unwrittenMessage(step)}');`,
      );
    }
    next = lastLine;
  }
  derived.push(...lines.slice(next));
  return derived.join('\n');
};

/** @returns what a learner starts from in one half of a lesson */
export const starterOf = (folder: string, half: Half): string => {
  const solution = fileOf('solutions', folder, half);
  return deriveStarter(readFileSync(solution, 'utf8'), relativePath(solution));
};
