/** A fenced block of a README. */
export interface CodeBlock {
  language: string;
  text: string;
  /** The line of its opening fence, counted from 1. */
  line: number;
}

/**
 * @param markdown - the text of a README
 * @returns its fenced blocks, in order
 */
export const codeBlocks = (markdown: string): CodeBlock[] =>
  [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    text: match[2]!,
    line: markdown.slice(0, match.index).split('\n').length,
  }));
