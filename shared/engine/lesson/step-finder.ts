import { diffArrays } from 'diff';
import { linesOf, stepRegions, unwrittenMessage } from './step-marks.ts';
import { deriveStarter } from './starters.ts';

/** A stretch of lines that differs between a starter and a learner's file. Indexes from 0, the ends excluded. */
interface Hunk {
  starter: [from: number, to: number];
  learner: [from: number, to: number];
}

/** Where a learner has written a step, or is to write it. */
export interface StepPlace {
  /** The lines of the learner's file, from 0, the end excluded. */
  from: number;
  to: number;
  /** What stood there in the starter: the TODO line, the line that throws, and any line that is gone beside them. */
  starter: string[];
  /** What stands there in the solution. */
  solution: string[];
  /** Other steps that stand in the same lines, so that nobody can tell which line belongs to which. */
  shared: number[];
}

/** An editor that formats on save may change these; the line is the same. */
const plain = (line: string): string => line.trimEnd().replaceAll(/["`]/g, "'").replace(/;$/, '');

const hunksBetween = (starter: string[], learner: string[]): Hunk[] => {
  const hunks: Hunk[] = [];
  let a = 0;
  let b = 0;
  let open: Hunk | undefined;
  for (const { added, removed, value } of diffArrays(starter.map(plain), learner.map(plain))) {
    if (!added && !removed) {
      a += value.length;
      b += value.length;
      open = undefined;
      continue;
    }
    if (!open) {
      open = { starter: [a, a], learner: [b, b] };
      hunks.push(open);
    }
    if (removed) open.starter[1] = a += value.length;
    else open.learner[1] = b += value.length;
  }
  return hunks;
};

/**
 * Where the same line stands within an answer and behind it, such as a closing bracket, a comparison may take the first
 * for the second, and tear the answer apart. Lines that were only added belong to a replaced stretch before them when
 * moving them there leaves the same text.
 */
const mended = (hunks: Hunk[], learner: string[]): Hunk[] => {
  const lines = learner.map(plain);
  const isAdded = ({ starter: [from, to] }: Hunk): boolean => from === to;
  const equal = (first: number, second: number, count: number): boolean =>
    lines.slice(first, first + count).join('\n') === lines.slice(second, second + count).join('\n');
  const result: Hunk[] = [];
  for (const hunk of hunks) {
    const before = result.at(-1);
    const between = before ? hunk.learner[0] - before.learner[1] : Infinity;
    const added = hunk.learner[1] - hunk.learner[0];
    // replaced, same, added: when the added lines end as the same ones do, those stand behind them. It is never the other
    // way round: the comparison takes a line for the first of its kind.
    if (
      before &&
      !isAdded(before) &&
      isAdded(hunk) &&
      between <= added &&
      equal(before.learner[1], hunk.learner[1] - between, between)
    ) {
      before.learner[1] = hunk.learner[1] - between;
      continue;
    }
    result.push({ starter: [...hunk.starter], learner: [...hunk.learner] });
  }
  return result;
};

/** Where a step stands in the starter, its two lines; and its lines in the solution. */
interface Slot {
  step: number;
  /** The index of its first line in the starter. */
  first: number;
  body: string[];
}

const covers = ({ starter: [from, to] }: Hunk, { first }: Slot): boolean => from < first + 2 && first < to;

/** Compares a learner's file with its starter. */
const compared = (
  learner: string,
  solution: string,
  file: string,
): { starter: string[]; slots: Slot[]; hunks: Hunk[] } => {
  const own = linesOf(learner);
  const starter = linesOf(deriveStarter(solution, file));
  const finished = linesOf(solution);
  const slots = stepRegions(solution, file).map((region) => ({
    step: region.step,
    first: starter.findIndex((line) => line.includes(unwrittenMessage(region.step))) - 1,
    body: finished.slice(region.firstLine, region.lastLine - 1),
  }));
  return { starter, slots, hunks: mended(hunksBetween(starter, own), own) };
};

/**
 * Finds a step in a learner's file, by what stands before and behind it in the starter.
 *
 * @returns its place; undefined when the file is no longer like the starter around the step
 */
export const placeOfStep = (
  learner: string,
  solution: string,
  file: string,
  step: number,
): StepPlace | undefined => {
  const { starter, slots, hunks } = compared(learner, solution, file);
  const slot = slots.find((each) => each.step === step)!;
  const hunk = hunks.find((each) => covers(each, slot));
  if (!hunk) {
    // Both lines are still there: only what was added or taken away before them has moved them.
    const before = hunks.filter(({ starter: [, to] }) => to <= slot.first);
    const moved = before.reduce(
      (sum, { starter: a, learner: b }) => sum + (b[1] - b[0]) - (a[1] - a[0]),
      slot.first,
    );
    return {
      from: moved,
      to: moved + 2,
      starter: starter.slice(slot.first, slot.first + 2),
      solution: slot.body,
      shared: [],
    };
  }
  const [from, to] = [Math.min(hunk.starter[0], slot.first), Math.max(hunk.starter[1], slot.first + 2)];
  const within = slots.filter(({ first }) => from < first + 2 && first < to);
  const isOwn = (index: number): boolean => within.some(({ first }) => index >= first && index < first + 2);
  const given = starter.slice(from, to).filter((line, index) => !isOwn(from + index) && line.trim() !== '');
  // Of a few lines that were given beside it, one may have been changed; when many are gone, this is another file.
  if (given.length > 3) return undefined;
  return {
    from: hunk.learner[0] - (hunk.starter[0] - from),
    to: hunk.learner[1] + (to - hunk.starter[1]),
    starter: starter.slice(from, to),
    solution: [...starter.slice(from, slot.first), ...slot.body, ...starter.slice(slot.first + 2, to)],
    shared: within.filter((each) => each !== slot).map((each) => each.step),
  };
};

/**
 * @param line - a line of the learner's file, counted from 1
 * @returns the number of the step that the line belongs to; undefined when it is a given one, or nobody can tell
 */
export const stepAtLine = (
  learner: string,
  solution: string,
  file: string,
  line: number,
): number | undefined =>
  stepRegions(solution, file)
    .map(({ step }) => ({ step, place: placeOfStep(learner, solution, file, step) }))
    .find(({ place }) => place && place.shared.length === 0 && place.from < line && line <= place.to)?.step;

/**
 * @param learner - the text of the learner's file, in which the step's line that throws still stands
 * @returns whether code was written beside that line all the same
 */
export const isBegun = (learner: string, solution: string, file: string, step: number): boolean => {
  const { slots, hunks } = compared(learner, solution, file);
  const slot = slots.find((each) => each.step === step)!;
  const isCode = (line: string): boolean =>
    !/^\s*(?:$|\/\/|\/?\*)/.test(line) && !line.includes(unwrittenMessage(step));
  const lines = linesOf(learner);
  return hunks
    .filter((hunk) => hunk.starter[0] <= slot.first + 2 && slot.first <= hunk.starter[1])
    .filter((hunk) => covers(hunk, slot) || !slots.some((other) => covers(hunk, other)))
    .some(({ learner: [from, to] }) => lines.slice(from, to).some(isCode));
};
