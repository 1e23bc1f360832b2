import { existsSync, readFileSync } from 'node:fs';
import { fileOf, type Lesson } from '../../engine/lesson/lessons.ts';
import { halves, inWorkbook, relativePath, type Half } from '../../engine/lesson/paths.ts';
import { linesOf, stepRegions } from '../../engine/lesson/step-marks.ts';
import { codeBlocks } from '#testkit/code-blocks.ts';
import type { Variant } from './variants.ts';

/** An answer that somebody may give, written down beside the solution. */
export interface WrittenAnswer extends Variant {
  /** Its heading. */
  title: string;
  /** Where it stands, as `file:line`. */
  where: string;
  /** What the document says that the checks say; undefined when there is no such block. */
  said: string | undefined;
}

/** The documents of a lesson: answers that its checks have to refuse, others that they have to accept, and one to its own task. */
export type AnswersDocument = 'wrong-answers.md' | 'other-answers.md' | 'own-answer.md';

/** @returns the absolute path of a lesson's document */
export const documentOf = ({ folder }: Lesson, name: AnswersDocument): string =>
  inWorkbook('solutions', folder, 'proof', name);

/** @returns the finished half, with other code in the regions of some steps, and some lines ahead of all others */
const changed = (lesson: Lesson, half: Half, steps: Map<number, string>, ahead: string): string => {
  const file = fileOf('solutions', lesson.folder, half);
  const source = readFileSync(file, 'utf8');
  const lines = linesOf(source);
  // From the last region to the first, so that the places of the others stay.
  for (const { step, firstLine, lastLine } of stepRegions(source, relativePath(file)).toReversed()) {
    const body = steps.get(step);
    if (body !== undefined) lines.splice(firstLine, lastLine - 1 - firstLine, body.trimEnd());
  }
  return ahead + lines.join('\n');
};

/**
 * Reads the answers of a document. Each has a heading of the second level, and blocks of code behind it: `ts step 2`
 * stands in place of that step, `ts server` and `ts client` ahead of the file's first line. With a path it is a whole
 * file, which the lesson does not have. A `text` block is what the checks say.
 *
 * @param lesson - the lesson
 * @param name - which document
 * @returns its answers, in order
 * @throws Error with a sentence for the author when a block cannot be understood
 */
export const writtenAnswers = (lesson: Lesson, name: AnswersDocument): WrittenAnswer[] => {
  const file = documentOf(lesson, name);
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  const sections = [...text.matchAll(/^## (.+)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)];
  return sections.map((match, index) => {
    const [whole, title] = match as unknown as [string, string];
    const firstLine = text.slice(0, match.index).split('\n').length;
    const steps = new Map<number, string>();
    const ahead: Record<Half, string> = { server: '', client: '' };
    const files: Record<string, string> = {};
    let said: string | undefined;
    for (const block of codeBlocks(whole)) {
      const step = /^step (\d+)$/.exec(block.about)?.[1];
      const half = halves.find((each) => each === block.about);
      if (block.language === 'text' && block.about === '') said = block.text;
      else if (block.language === 'ts' && step) steps.set(Number(step), block.text);
      else if (block.language === 'ts' && half) ahead[half] += block.text;
      else if (/^(?:lessons|protos)\//.test(block.about)) files[block.about] = block.text;
      else {
        throw new Error(
          `${relativePath(file)}:${firstLine + block.line - 1}: a block is "ts step 1", "ts server", "ts client", "ts lessons/…" or "text".`,
        );
      }
    }
    const textOf = (half: Half): string => changed(lesson, half, steps, ahead[half]);
    return {
      lesson,
      name: `${name.slice(0, 5)}-${index + 1}`,
      title: title.trim(),
      where: `${relativePath(file)}:${firstLine}`,
      said,
      texts: { server: textOf('server'), client: textOf('client') },
      files,
    };
  });
};
