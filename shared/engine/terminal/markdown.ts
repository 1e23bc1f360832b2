import path from 'node:path';
import { lexer, Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { sequenceDiagram } from './sequence-diagram.ts';
import { paint, visibleWidth, wrapped } from './style.ts';

/** Longer lines are hard to read, in columns. */
export const widestText = 88;

/** What a reader may unfold: a `<details>` block. */
export interface Details {
  type: 'details';
  /** What is always seen: Markdown, one line. */
  summary: string;
  blocks: Block[];
}

/** A paragraph, a heading, a list … of a document. */
export type Block = MarkedToken | Details;

/** Where a document is shown. */
export interface Page {
  /** How many columns a line may have. Lines of code may have more. */
  width: number;
  /** The folder of the document, from the workbook's top folder on: its links begin there. */
  folder: string;
}

/** @returns the blocks of a document, in order. What stands between `<details>` and `</details>` is one of them. */
export const parse = (markdown: string): Block[] => {
  const blocks: Block[] = [];
  let open: Details | undefined;
  for (const token of lexer(markdown) as MarkedToken[]) {
    if (token.type === 'space') continue;
    if (token.type === 'html' && token.raw.startsWith('<details>')) {
      const summary = /<summary>(.*?)<\/summary>/s.exec(token.raw)?.[1] ?? '';
      open = { type: 'details', summary, blocks: [] };
      blocks.push(open);
    } else if (token.type === 'html' && token.raw.startsWith('</details>')) {
      open = undefined;
    } else {
      (open?.blocks ?? blocks).push(token);
    }
  }
  return blocks;
};

/** Holds words together while lines are broken. */
const noBreak = '\u00A0';

const linkText = ({ href, tokens, text }: Tokens.Link, page: Page): string => {
  const shownText = inline(tokens, page);
  if (href === text || href === `mailto:${text}` || href.startsWith('#')) return shownText;
  const target = /^[a-z]+:/i.test(href) ? href : path.posix.join(page.folder, href.replace(/#.*$/, ''));
  return `${shownText} (${target})`;
};

/** What stands in a line, painted. Words stay words without colour: code keeps its backticks. */
const inline = (tokens: Token[], page: Page): string =>
  (tokens as MarkedToken[])
    .map((token): string => {
      switch (token.type) {
        case 'text':
          return 'tokens' in token && token.tokens
            ? inline(token.tokens, page)
            : token.text.replaceAll('\n', ' ');
        case 'escape':
          return token.text;
        case 'br':
          return '\n';
        case 'strong':
          return paint.bold(inline(token.tokens, page));
        case 'em':
          return paint.underline(inline(token.tokens, page));
        case 'codespan':
          return paint.cyan(`\`${token.text.replaceAll(' ', noBreak)}\``);
        case 'link':
          return linkText(token, page);
        default:
          return token.raw;
      }
    })
    .join('');

/** Breaks what is longer than a line even where it should hold together. */
const lines = (text: string, width: number): string[] =>
  wrapped(text, width).flatMap((line) => {
    const plain = line.replaceAll(noBreak, ' ');
    return visibleWidth(line) > width ? wrapped(plain, width) : [plain];
  });

const paragraph = (tokens: Token[], page: Page): string => lines(inline(tokens, page), page.width).join('\n');

/** Puts a mark before the first line, and moves the others in by as much. */
const hanging = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((line, index) => (index === 0 ? mark + line : line && ' '.repeat(mark.length) + line))
    .join('\n');

const margin = (columns: number, text: string): string => hanging(' '.repeat(columns), text);

const list = ({ items, ordered, start, loose }: Tokens.List, page: Page): string =>
  items
    .map((item, index) => {
      const mark = ordered ? `${Number(start) + index}. ` : '- ';
      const inside = { ...page, width: page.width - mark.length };
      const blocks = (item.tokens as MarkedToken[]).filter(({ type }) => type !== 'space');
      return hanging(mark, blocks.map((token) => blockText(token, inside)).join(loose ? '\n\n' : '\n'));
    })
    .join(loose ? '\n\n' : '\n');

/** How narrow a table's column may become before each row is shown as lines of its own, in columns of the terminal. */
const narrowest = 20;

const table = ({ header, rows }: Tokens.Table, page: Page): string => {
  const text = (cells: Tokens.TableCell[]): string[] => cells.map(({ tokens }) => inline(tokens, page));
  const headings = text(header).map((heading) => heading && paint.bold(heading));
  const body = rows.map(text);
  const gap = '  ';
  const room = page.width - gap.length * (headings.length - 1);
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...body.map((row) => row[column]!)].map(visibleWidth)),
  );
  const widest = (): number => Math.max(...widths);
  while (widths.reduce((sum, width) => sum + width, 0) > room && widest() > narrowest) {
    widths[widths.indexOf(widest())]! -= 1;
  }
  const drawn = (cells: string[]): string[] => {
    const parts = cells.map((cell, column) => lines(cell, widths[column]!));
    return Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, line) =>
      parts
        .map((part, column) => {
          const piece = part[line] ?? '';
          return piece + ' '.repeat(Math.max(0, widths[column]! - visibleWidth(piece)));
        })
        .join(gap)
        .trimEnd(),
    );
  };
  const top = [headings, widths.map((width) => '─'.repeat(width))].flatMap(drawn).join('\n');
  const below = body.map((row) => drawn(row).join('\n'));
  // Where the first column has rows of several lines, only a blank line shows where the next row begins.
  const isBroken = body.some(([first = '']) => lines(first, widths[0]!).length > 1);
  const whole = [top, below.join(isBroken ? '\n\n' : '\n')].join('\n');
  if (whole.split('\n').every((line) => visibleWidth(line) <= page.width)) return whole;
  const record = (row: string[]): string =>
    row
      .flatMap((cell, column) => {
        const line = headings[column] ? `${headings[column]}: ${cell}` : cell;
        return cell ? [lines(line, page.width - 2).join('\n  ')] : [];
      })
      .join('\n');
  return body.map(record).join('\n\n');
};

const codeBlock = ({ text, lang }: Tokens.Code, { width }: Page): string => {
  const told = lang === 'mermaid' ? sequenceDiagram(text) : undefined;
  if (!told) return margin(4, text);
  return told
    .map((line) => {
      const indent = 2 + line.length - line.trimStart().length;
      const [first, ...rest] = wrapped(line.trimStart(), width - indent - 4);
      return [margin(indent, first!), ...rest.map((other) => margin(indent + 4, other))].join('\n');
    })
    .join('\n');
};

/** The lines below headings, by depth. */
const underlines = ['═', '─'];

const heading = ({ depth, tokens }: Tokens.Heading, page: Page): string => {
  const title = lines(paint.bold(inline(tokens, page)), page.width);
  const below = underlines[depth - 1]?.repeat(Math.max(...title.map(visibleWidth)));
  return [...title, ...(below ? [below] : [])].join('\n');
};

const details = ({ summary, blocks }: Details, page: Page): string => {
  const title = lines(paint.bold(inline(Lexer.lexInline(summary), page)), page.width);
  return [title.join('\n'), ...blocks.map((block) => blockText(block, page))].join('\n\n');
};

const blockText = (block: Block, page: Page): string => {
  switch (block.type) {
    case 'heading':
      return heading(block, page);
    case 'paragraph':
      return paragraph(block.tokens, page);
    case 'text':
      return paragraph(block.tokens ?? [block], page);
    case 'list':
      return list(block, page);
    case 'table':
      return table(block, page);
    case 'code':
      return codeBlock(block, page);
    case 'details':
      return details(block, page);
    case 'hr':
      return '─'.repeat(page.width);
    // Nothing may get lost: what is not known here is shown as it was written.
    default:
      return lines(block.raw.trimEnd(), page.width).join('\n');
  }
};

/**
 * Renders Markdown for a terminal.
 *
 * @returns the text in pieces, between which a blank line stands, and between which a page may end. Headings begin at the
 *   left, all else two columns further in.
 */
export const render = (blocks: readonly Block[], page: Page): string[] => {
  const pieces: string[] = [];
  let title = '';
  for (const block of blocks) {
    if (block.type === 'heading') {
      title += `${heading(block, page)}\n\n`;
    } else {
      pieces.push(title + margin(2, blockText(block, { ...page, width: page.width - 2 })));
      title = '';
    }
  }
  return title === '' ? pieces : [...pieces, title.trimEnd()];
};
