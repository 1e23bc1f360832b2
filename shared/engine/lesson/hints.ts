import { readmeOf } from './lessons.ts';

/**
 * The part of a lesson's README that belongs to one step.
 *
 * @returns the text from its heading to the next one, without the heading; empty when there is no such step
 */
export const stepText = (readme: string, step: number): string =>
  new RegExp(`^### Step ${step} · [^\\n]*\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, 'm').exec(readme)?.[1] ?? '';

/** @returns the hints in the text of a step, the weaker first, as Markdown */
export const hintsIn = (text: string): string[] =>
  [...text.matchAll(/<summary>Hint \d+<\/summary>\s*\n([\s\S]*?)\n\s*<\/details>/g)].map((match) =>
    match[1]!.trim(),
  );

/** @returns the hints of a step, as {@link hintsIn}; none when the README is missing or damaged */
export const hintsOf = (folder: string, step: number): string[] => hintsIn(stepText(readmeOf(folder), step));
