import { readmeOf } from './lessons.ts';

/** The statuses that a call ends with when something is wrong which nobody has planned. Each lesson's README has a sentence for each. */
export const coachedStatuses = [
  'UNIMPLEMENTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'INTERNAL',
  'RESOURCE_EXHAUSTED',
] as const;

type CoachedStatus = (typeof coachedStatuses)[number];

/** The heading of the part that has the sentences. */
export const coachPart = 'When a call ends otherwise';

/**
 * Reads from a README what a status usually means in its lesson.
 *
 * @returns the sentence on one line, as plain text; undefined when the README has none
 */
export const sentenceIn = (readme: string, name: CoachedStatus): string | undefined => {
  const [, part] = new RegExp(`^## ${coachPart}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(readme) ?? [];
  // A bullet goes on as long as its lines are indented.
  const [, sentence] = new RegExp(`^- \`${name}\`: (.+(?:\\n {2}.+)*)`, 'm').exec(part ?? '') ?? [];
  return sentence?.replaceAll(/\n {2}/g, ' ').replaceAll('`', '');
};

/**
 * Looks for one of the statuses in what the workbook says of a call. A message of the wire that has such a word is none.
 *
 * @param text - for example "UNAVAILABLE: No connection established", or "nothing (DEADLINE_EXCEEDED)"
 * @returns its name; undefined when none is there, or when the text says itself that a step is not written yet
 */
const statusIn = (text: string): CoachedStatus | undefined => {
  if (text.includes('is not written yet')) return undefined;
  const named = new RegExp(`(?:^|\\(|\\bwith )(${coachedStatuses.join('|')})\\b`).exec(text);
  return named?.[1] as CoachedStatus | undefined;
};

/**
 * Says what usually causes a status in a lesson, and where to look.
 *
 * @param came - what came, in the workbook's words, the status among them
 * @param expected - what should have come: a status that is named there puzzles nobody
 * @returns one sentence; undefined when there is nothing to say, or the learner's README does not have it any more
 */
export const usualCause = (folder: string, came: string, expected = ''): string | undefined => {
  const name = statusIn(came);
  return name && !expected.includes(name) ? sentenceIn(readmeOf(folder), name) : undefined;
};
