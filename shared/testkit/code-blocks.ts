/** A fenced block of a Markdown file. */
export interface CodeBlock {
  language: string;
  /** What stands behind the language, for example `step 2`; empty when nothing does. */
  about: string;
  text: string;
  /** The line of its opening fence, counted from 1. */
  line: number;
}

/**
 * @param markdown - the text of the file
 * @returns its fenced blocks, in order
 */
export const codeBlocks = (markdown: string): CodeBlock[] =>
  [...markdown.matchAll(/^```(\w*)(?: +(.*))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    about: match[2]?.trim() ?? '',
    text: match[3]!,
    line: markdown.slice(0, match.index).split('\n').length,
  }));
