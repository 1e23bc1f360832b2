import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { togetherTitle, type Seen, type SeenCheck } from '../grade.ts';
import { allLessons, fileOf, stepsOf, type Lesson } from '../lessons.ts';
import { halves, inWorkbook, shown } from '../paths.ts';
import { runChecks } from '../run-checks.ts';
import { deriveStarter } from '../starters.ts';

/** A lesson with only some of its steps written. */
interface Variant {
  lesson: Lesson;
  count: number;
  name: string;
  written: Set<number>;
  /** When only one step is left out: which. */
  without?: number;
}

const stairs = inWorkbook('.workbook', 'staircase');

const variantsOf = (lesson: Lesson): Variant[] => {
  const steps = stepsOf(lesson.folder).map(({ number }) => number);
  const count = steps.length;
  const climbed = [0, ...steps].map((top) => ({
    lesson,
    count,
    name: `first-${top}`,
    written: new Set(steps.filter((step) => step <= top)),
  }));
  const missing = steps.map((without) => ({
    lesson,
    count,
    name: `without-${without}`,
    written: new Set(steps.filter((step) => step !== without)),
    without,
  }));
  return [...climbed, ...missing];
};

const folderOf = ({ lesson, name }: Variant): string => path.join(stairs, `${lesson.number}-${name}`);
const checksOf = (variant: Variant): string =>
  path.join(folderOf(variant), 'lessons', variant.lesson.folder, 'steps.test.ts');

const write = (variant: Variant): void => {
  const { folder } = variant.lesson;
  const target = path.dirname(checksOf(variant));
  mkdirSync(target, { recursive: true });
  for (const half of halves) {
    const solution = fileOf('solutions', folder, half);
    const derived = deriveStarter(readFileSync(solution, 'utf8'), shown(solution), variant.written);
    writeFileSync(path.join(target, `${half}.ts`), derived);
  }
  copyFileSync(inWorkbook('lessons', folder, 'steps.test.ts'), checksOf(variant));
};

/** Leads `#answers/…` to the variant that asks, for its own lesson, and to the solutions for every other. */
const answersOfVariant = {
  name: 'grpc-workbook:staircase',
  enforce: 'pre',
  resolveId(source: string, importer: string | undefined) {
    if (!source.startsWith('#answers/')) return null;
    const rest = source.slice('#answers/'.length);
    const inStairs = importer && path.relative(stairs, path.normalize(importer));
    if (!inStairs || inStairs.startsWith('..')) return null;
    const own = path.join(stairs, inStairs.split(path.sep)[0]!, 'lessons', rest);
    return existsSync(own) ? own : inWorkbook('solutions', rest);
  },
} as const;

const problemsOf = (variant: Variant, seen: Seen): string[] => {
  const { lesson, count, name, written, without } = variant;
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
 * Climbs the staircase of every lesson: with the first k steps written, the checks of exactly these steps pass,
 * and the others fail, each saying which step is not written; with one step taken out, its check fails.
 *
 * @returns a sentence for each stair that does not hold
 */
export const staircaseProblems = async (): Promise<string[]> => {
  rmSync(stairs, { recursive: true, force: true });
  const variants = allLessons().flatMap(variantsOf);
  for (const variant of variants) write(variant);
  const seen = await runChecks(variants.map(checksOf), 'solutions', [answersOfVariant]);
  const problems = variants.flatMap((variant) => problemsOf(variant, seen.get(checksOf(variant))!));
  // What does not hold is left there to be looked at.
  if (problems.length === 0) rmSync(stairs, { recursive: true, force: true });
  return problems;
};
