import { readFileSync } from 'node:fs';
import { allLessons, readmeOf, stepsOf } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

/** How many guides https://grpc.io/docs/guides/ has. */
const allGuides = 24;

/** A guide of grpc.io, as the README's table names it. */
interface Guide {
  title: string;
  url: string;
  /** What its row says: the steps that teach it, or that none does. */
  taught: string;
}

const row =
  /^\| \[(?<title>[^\]]+)\]\((?<url>https:\/\/grpc\.io\/docs\/guides\/[\w-]+\/)\) \| (?<taught>.+) \|$/gm;

const guidesIn = (text: string): Guide[] =>
  [...text.matchAll(row)].map(({ groups }) => ({ ...(groups as unknown as Guide) }));

/** Why this is no step that teaches a guide; undefined when it is one. */
const misfit = (said: string, url: string): string | undefined => {
  const [, lessonNumber, stepNumber] = /^lesson (\d+), step (\d+)$/.exec(said) ?? [];
  if (lessonNumber === undefined) return 'is no "lesson 1, step 2", nor "not yet"';
  const lesson = allLessons().find(({ number }) => number === Number(lessonNumber));
  if (!lesson) return 'names no lesson that is there';
  if (!stepsOf(lesson.folder).some(({ number }) => number === Number(stepNumber)))
    return 'names no step of that lesson';
  return readmeOf(lesson.folder).includes(url) ? undefined : 'names a lesson that does not lead to the guide';
};

/**
 * The README's table of gRPC's guides: each stands there once, and each step that it names is there, in a lesson that
 * leads to the guide.
 *
 * @param text - the README
 * @returns a sentence for everything in the table that is not so
 */
export const guideProblems = (text = readFileSync(inWorkbook('README.md'), 'utf8')): string[] => {
  const guides = guidesIn(text);
  const different = new Set(guides.map(({ url }) => url)).size;
  const taught = guides.filter((guide) => guide.taught !== 'not yet');
  const sum = `${taught.length} of gRPC's ${allGuides} guides`;
  return [
    ...(guides.length === allGuides && different === allGuides
      ? []
      : [`README.md lists ${guides.length} guides, ${different} of them different; gRPC has ${allGuides}.`]),
    ...(text.includes(sum) ? [] : [`README.md should say: ${sum}.`]),
    ...taught.flatMap(({ title, url, taught: steps }) =>
      steps.split('; ').flatMap((said) => {
        const why = misfit(said, url);
        return why === undefined ? [] : [`README.md, guide "${title}": "${said}" ${why}.`];
      }),
    ),
  ];
};
