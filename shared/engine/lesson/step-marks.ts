/** A step as a solution marks it: an editor-foldable region with the step's number and title. */
export interface StepRegion {
  step: number;
  title: string;
  /** Line numbers counted from 1: the `#region` line and the `#endregion` line. */
  firstLine: number;
  lastLine: number;
}

const regionStart = /^\s*\/\/#region\s+(.*?)\s*$/;
const regionEnd = /^\s*\/\/#endregion\b/;
const stepTitle = /^Step (\d+) · (\S.*)$/;

/** A line that stands where a step is still to be written. A line commented out does not count. */
const unwrittenLine = /^(?!\s*(?:\/\/|\*|\/\*)).*\bthrow new Error\((['"`])Step (\d+) is not written yet\1\)/;

/**
 * Splits a source into lines, whichever line endings an editor or a checkout gave it.
 *
 * @returns its lines, without their endings
 */
export const linesOf = (source: string): string[] => source.split(/\r?\n/);

/**
 * Finds the steps that a solution's file marks.
 *
 * @param file - how to name the file in an error
 * @returns the regions in the order of the file
 * @throws Error with a sentence for the author when a region is not closed, is nested, or has a title of another form
 */
export const stepRegions = (source: string, file: string): StepRegion[] => {
  const regions: StepRegion[] = [];
  let open: Omit<StepRegion, 'lastLine'> | undefined;
  for (const [index, line] of linesOf(source).entries()) {
    const at = `${file}:${index + 1}`;
    const start = regionStart.exec(line);
    if (start) {
      if (open)
        throw new Error(`${at}: a step inside step ${open.step}. Close that one first with //#endregion.`);
      const title = stepTitle.exec(start[1]!);
      if (!title) {
        throw new Error(
          `${at}: the region is titled "${start[1]}". Write it as "Step 1 · What the learner does".`,
        );
      }
      open = { step: Number(title[1]), title: title[2]!, firstLine: index + 1 };
    } else if (regionEnd.test(line)) {
      if (!open) throw new Error(`${at}: //#endregion closes no step. Is its //#region missing?`);
      regions.push({ ...open, lastLine: index + 1 });
      open = undefined;
    }
  }
  if (open)
    throw new Error(`${file}:${open.firstLine}: step ${open.step} is never closed. Add //#endregion.`);
  return regions;
};

/** @returns the lines without the marks of steps; a copied solution brings its marks along */
export const withoutMarks = (lines: string[]): string[] =>
  lines.filter((line) => !regionStart.test(line) && !regionEnd.test(line));

/** The message of the error that an unwritten step throws: the one sign by which the workbook knows it. */
export const unwrittenMessage = (step: number): string => `Step ${step} is not written yet`;

/** @returns the number of the step that threw it, or undefined when the error is another one */
export const unwrittenStep = (message: string): number | undefined => {
  const match = /^Step (\d+) is not written yet$/.exec(message);
  return match ? Number(match[1]) : undefined;
};

/**
 * Finds the steps that are still to be written in a learner's file.
 *
 * @returns the line of each such step, counted from 1, by the step's number
 */
export const unwrittenSteps = (source: string): Map<number, number> => {
  const found = new Map<number, number>();
  for (const [index, line] of linesOf(source).entries()) {
    const match = unwrittenLine.exec(line);
    if (match) found.set(Number(match[2]), index + 1);
  }
  return found;
};
