import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Seen } from '../grade.ts';
import type { Lesson } from '../lessons.ts';
import { halves, inWorkbook, type Half } from '../paths.ts';
import { runChecks } from '../run-checks.ts';

/** Other answers to a lesson than the finished ones, to see what its checks say of them. */
export interface Variant {
  lesson: Lesson;
  /** Tells it apart from the lesson's other variants; a folder is named after it. */
  name: string;
  /** The text of each half. */
  texts: Record<Half, string>;
}

const top = inWorkbook('.workbook', 'variants');

const folderOf = ({ lesson, name }: Variant): string => path.join(top, `${lesson.number}-${name}`);

const checksOf = (variant: Variant): string =>
  path.join(folderOf(variant), 'lessons', variant.lesson.folder, 'steps.test.ts');

const write = (variant: Variant): void => {
  const target = path.dirname(checksOf(variant));
  mkdirSync(target, { recursive: true });
  for (const half of halves) writeFileSync(path.join(target, `${half}.ts`), variant.texts[half]);
  copyFileSync(inWorkbook('lessons', variant.lesson.folder, 'steps.test.ts'), checksOf(variant));
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
  rmSync(top, { recursive: true, force: true });
  for (const variant of variants) write(variant);
  const seen = await runChecks(variants.map(checksOf), 'solutions', [answersOfVariant]);
  rmSync(top, { recursive: true, force: true });
  return variants.map((variant) => seen.get(checksOf(variant))!);
};
