import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Seen } from '../../engine/check/grade.ts';
import { checksOf, type Checked, type Lesson } from '../../engine/lesson/lessons.ts';
import { halves, inWorkbook, type Half } from '../../engine/lesson/paths.ts';
import { runChecks } from '../../engine/check/run-checks.ts';
import { giveSeed } from '../../engine/check/seed.ts';

/** Other answers to a lesson than the finished ones, to see what its checks say of them. */
export interface Variant {
  lesson: Lesson;
  /** Tells it apart from the lesson's other variants; a folder is named after it. */
  name: string;
  /** The text of each half. */
  texts: Record<Half, string>;
  /** The text of each file beside them, by its path from the workbook's top folder. */
  files?: Record<string, string>;
  /** What is checked; the steps by default. */
  checked?: Checked;
  /** The steps whose checks say enough; without it, every check is run. */
  steps?: number[];
}

/** Variants that show the same thing. */
export interface VariantSet {
  variants: Variant[];
  /** @returns a sentence for each thing that does not hold, given what was seen of each variant, in the same order */
  problems(seen: Seen[]): string[];
}

const top = inWorkbook('.workbook', 'variants');

const folderOf = ({ lesson, name }: Variant): string => path.join(top, `${lesson.number}-${name}`);

const ownChecksOf = (variant: Variant): string =>
  path.join(folderOf(variant), 'lessons', variant.lesson.folder, `${variant.checked ?? 'steps'}.test.ts`);

const write = (variant: Variant): void => {
  const target = path.dirname(ownChecksOf(variant));
  mkdirSync(target, { recursive: true });
  for (const half of halves) writeFileSync(path.join(target, `${half}.ts`), variant.texts[half]);
  for (const [name, text] of Object.entries(variant.files ?? {})) {
    const file = path.join(folderOf(variant), name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  copyFileSync(checksOf(variant.lesson.folder, variant.checked), ownChecksOf(variant));
};

/** Leads `#answers/…` to the variant that asks, for its own lesson, and to the solutions for every other. */
const answersOfVariant = {
  name: 'grpc-workbook:variants',
  enforce: 'pre',
  resolveId(source: string, importer: string | undefined) {
    if (!source.startsWith('#answers/')) return null;
    const rest = source.slice('#answers/'.length);
    const below = importer && path.relative(top, path.normalize(importer));
    if (!below || below.startsWith('..')) return null;
    const own = path.join(top, below.split(path.sep)[0]!, 'lessons', rest);
    return existsSync(own) ? own : inWorkbook('solutions', rest);
  },
} as const;

/**
 * Runs the checks of lessons on other answers than the finished ones.
 *
 * @param variants - the answers
 * @returns what was seen of each one, in the same order
 */
export const checkVariants = async (variants: Variant[]): Promise<Seen[]> => {
  // The words of a refusal are compared with those that were written down.
  giveSeed('1');
  rmSync(top, { recursive: true, force: true });
  for (const variant of variants) write(variant);
  const titles = new Map(
    variants.map((variant) => [
      ownChecksOf(variant),
      variant.steps && new RegExp(`^Step (?:${variant.steps.join('|')}) · `),
    ]),
  );
  const seen = await runChecks([...titles.keys()], 'solutions', {
    plugins: [answersOfVariant],
    only: (file) => titles.get(file),
  });
  rmSync(top, { recursive: true, force: true });
  return variants.map((variant) => seen.get(ownChecksOf(variant))!);
};

/**
 * Checks several sets in one go: those that wait leave the processor to the others.
 *
 * @param sets - the sets
 * @returns the problems of each one, in the same order
 */
export const problemsOfSets = async (sets: readonly VariantSet[]): Promise<string[][]> => {
  const seen = await checkVariants(sets.flatMap(({ variants }) => variants));
  return sets.map(({ variants, problems }) => problems(seen.splice(0, variants.length)));
};
