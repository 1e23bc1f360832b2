import { readFileSync } from 'node:fs';
import { togetherTitle } from '../../engine/check/check-events.ts';
import type { Seen, SeenCheck } from '../../engine/check/grade.ts';
import { allLessons, fileOf, stepsOf, type Lesson } from '../../engine/lesson/lessons.ts';
import { relativePath, type Half } from '../../engine/lesson/paths.ts';
import { deriveStarter } from '../../engine/lesson/starters.ts';
import type { Variant, VariantSet } from './variants.ts';

/** A lesson with only some of its steps written. */
interface Stair extends Variant {
  count: number;
  written: Set<number>;
  /** When only one step is left out: which. */
  without?: number;
}

const stairsOf = (lesson: Lesson): Stair[] => {
  const steps = stepsOf(lesson.folder).map(({ number }) => number);
  const count = steps.length;
  const stair = (name: string, written: Set<number>): Stair => {
    const text = (half: Half): string => {
      const solution = fileOf('solutions', lesson.folder, half);
      return deriveStarter(readFileSync(solution, 'utf8'), relativePath(solution), written);
    };
    return { lesson, count, name, written, texts: { server: text('server'), client: text('client') } };
  };
  const climbed = [0, ...steps].map((top) =>
    stair(`first-${top}`, new Set(steps.filter((step) => step <= top))),
  );
  const missing = steps.map((without) => ({
    ...stair(`without-${without}`, new Set(steps.filter((step) => step !== without))),
    without,
    steps: [without],
  }));
  return [...climbed, ...missing];
};

const problemsOf = (stair: Stair, seen: Seen): string[] => {
  const { lesson, count, name, written, without } = stair;
  const where = `Lesson ${lesson.number}, ${name.replace('-', ' ')} step${name.startsWith('first') ? 's' : ''}`;
  if (seen.broken !== undefined) return [`${where}: the checks could not be run: ${seen.broken}`];
  const problems: string[] = [];
  const expectPass = (title: string, checks: SeenCheck[]): void => {
    const failed = checks.find(({ result }) => result !== 'passed');
    if (checks.length === 0) problems.push(`${where}: no check of ${title} was run.`);
    else if (failed) {
      problems.push(
        `${where}: ${title} should pass, but "${failed.check}" says: ${failed.failure?.came ?? 'nothing (it hangs)'}`,
      );
    }
  };
  const expectFailure = (title: string, checks: SeenCheck[], reason: RegExp): void => {
    const failed = checks.find(({ result }) => result !== 'passed');
    if (!failed) problems.push(`${where}: ${title} is not written, and yet its check passes.`);
    else if (!reason.test(failed.failure?.came ?? '')) {
      problems.push(
        `${where}: ${title} should say which step is not written, but "${failed.check}" says: ${failed.failure?.came ?? 'nothing (it hangs)'}`,
      );
    }
  };
  for (let step = 1; step <= count; step += 1) {
    const checks = seen.checks.filter(({ group }) => group.startsWith(`Step ${step} · `));
    if (without === step)
      expectFailure(`step ${step}`, checks, new RegExp(`step ${step} is not written yet`));
    else if (without === undefined && written.has(step)) expectPass(`step ${step}`, checks);
    else if (without === undefined) expectFailure(`step ${step}`, checks, /step \d+ is not written yet/i);
  }
  const pair = seen.checks.filter(({ group }) => group === togetherTitle);
  if (written.size === count) expectPass(togetherTitle, pair);
  return problems;
};

/**
 * The staircase of every lesson: with the first k steps written, the checks of exactly these steps pass, and the others
 * fail, each saying which step is not written; with one step taken out, its check fails.
 *
 * @returns every stair
 */
export const staircase = (): VariantSet => {
  const stairs = allLessons().flatMap(stairsOf);
  return {
    variants: stairs,
    problems: (seen) => stairs.flatMap((stair, index) => problemsOf(stair, seen[index]!)),
  };
};
