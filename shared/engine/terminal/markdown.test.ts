import { stripVTControlCharacters } from 'node:util';
import { marked, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { allLessons, readmeOf } from '../lesson/lessons.ts';
import { parse, render, type Block } from './markdown.ts';

const rendered = (markdown: string, width = 60): string =>
  stripVTControlCharacters(render(parse(markdown), { width, folder: 'lessons/01-unary-hello' }).join('\n\n'));

describe('a document', () => {
  it('has its headings at the left, the first two kinds with a line below', () => {
    expect(rendered('# One\n\n## *Two*\n\ntext\n\n### Three')).toBe(
      'One\n═══\n\nTwo\n───\n\n  text\n\nThree',
    );
  });

  it('is wrapped between words, and never inside of code that fits a line', () => {
    expect(rendered('One **two** *three*\nfour `npm run lesson:1 check` five', 26)).toBe(
      '  One two three four\n  `npm run lesson:1 check`\n  five',
    );
  });

  it('breaks code that fits no line, and leaves a long word whole', () => {
    expect(rendered('`npm run lesson:1 check` https://example.com/long', 12)).toBe(
      '  `npm run\n  lesson:1\n  check`\n  https://example.com/long',
    );
  });

  it('shows where a link leads: outside, or from the top folder on', () => {
    expect(
      rendered('[docs](https://grpc.io/) and [it](../../protos/hello.proto#L1) and [here](#it)', 80),
    ).toBe('  docs (https://grpc.io/) and it (protos/hello.proto) and here');
    expect(rendered('<https://grpc.io/>')).toBe('  https://grpc.io/');
    expect(rendered('<ada@example.com>')).toBe('  ada@example.com');
    expect(rendered('[it](a:b.md) and [it](./a%20b:c.md)')).toBe(
      '  it (a:b.md) and it (lessons/01-unary-hello/a%20b:c.md)',
    );
  });

  it('keeps what is escaped, breaks, and lines across', () => {
    expect(rendered('1\\. \\*no list\\*  \ntwo\n\n---', 22)).toBe(
      '  1. *no list*\n  two\n\n  ────────────────────',
    );
  });

  it('breaks a heading, and draws the line below as long as its longest line', () => {
    expect(rendered('# one incomprehensible', 16)).toBe('one\nincomprehensible\n════════════════');
    expect(rendered('# incomprehensible one', 16)).toBe('incomprehensible\none\n════════════════');
  });

  it('has lists in lists, with their lines one below the other', () => {
    expect(rendered('3. one two three\n   - four\n\n     five\n4. six', 12)).toBe(
      '  3. one two\n     three\n     - four\n\n       five\n  4. six',
    );
  });

  it('never wraps code', () => {
    expect(rendered('```ts\nconst answer = await of(everything);\n\nreturn;\n```', 10)).toBe(
      '      const answer = await of(everything);\n\n      return;',
    );
  });

  it('tells a sequence diagram in lines, and shows another one as it is written', () => {
    expect(rendered('```mermaid\nsequenceDiagram\nA->>B: hello\n```')).toBe('    A → B: hello');
    expect(rendered('```mermaid\nsequenceDiagram\nloop ever\nA->>B: hello again\nend\n```', 20)).toBe(
      '    Again and\n        again, ever:\n      A → B:\n          hello\n          again',
    );
    expect(rendered('```mermaid\npie\n```')).toBe('      pie');
  });

  it('opens what is folded, when nobody has taken it out', () => {
    expect(
      rendered('<details>\n<summary>Is `a` it?</summary>\n\nYes.\n\n- Really.\n\n</details>\n\nNext.'),
    ).toBe('  Is `a` it?\n\n  Yes.\n\n  - Really.\n\n  Next.');
    expect(rendered('<details>\n<summary>Q</summary>\n\n### *Why*\n\nSo.\n\n</details>')).toBe(
      '  Q\n\n  Why\n\n  So.',
    );
  });

  it('has what is folded in one of its blocks, and no more than that', () => {
    const types = (blocks: Block[]): unknown[] =>
      blocks.map((block) => (block.type === 'details' ? types(block.blocks) : block.type));
    const folded = '<details>\n<summary>A</summary>\n\none\n\n<b>two</b>\n\n</details>';
    expect(types(parse(`${folded}\n\nthree\n\n\`</details>\`\n\n${folded}`))).toEqual([
      ['paragraph', 'paragraph'],
      'paragraph',
      'paragraph',
      ['paragraph', 'paragraph'],
    ]);
  });

  it('shows what it does not know as it is written', () => {
    expect(rendered('> quoted\n\n<b>bold</b>')).toBe('  > quoted\n\n  <b>bold</b>');
  });
});

describe('a table', () => {
  const table = '| | it says |\n| --- | --- |\n| `--db` | which file keeps the users |\n| `--id` | |';

  it('is drawn where it fits', () => {
    expect(rendered(table)).toBe(
      '          it says\n  ──────  ──────────────────────────\n  `--db`  which file keeps the users\n  `--id`',
    );
  });

  it('wraps its widest cells where there is less room', () => {
    expect(rendered(table, 32)).toBe(
      '          it says\n  ──────  ──────────────────────\n  `--db`  which file keeps the\n          users\n  `--id`',
    );
  });

  it('becomes lines of their own where there is none', () => {
    expect(rendered(table, 24)).toBe('  `--db`\n  it says: which file\n    keeps the users\n\n  `--id`');
  });

  it('has blank lines where rows begin, when a first cell has several lines', () => {
    expect(rendered('| a | b |\n| --- | --- |\n| one two three four five six | 1 |\n| seven | 2 |', 28)).toBe(
      '  a                        b\n  ───────────────────────  ─\n  one two three four five  1\n  six\n\n  seven                    2',
    );
  });
});

const words = (text: string): string[] => text.match(/[\p{L}\p{N}_]+/gu) ?? [];

const counted = (list: string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

describe.each(allLessons().map(({ folder }) => folder))('the README of %s', (folder) => {
  const readme = readmeOf(folder);
  const code: Tokens.Code[] = [];
  marked.walkTokens(marked.lexer(readme), (token) => {
    if (token.type === 'code') code.push(token as Tokens.Code);
  });

  it.each([40, 80])('loses no word and no line of code, in %i columns', async (width) => {
    const text = rendered(readme, width);
    const flat = text.replaceAll(/\s+/g, ' ');
    // The same text by another way: marked's own HTML, without its tags.
    const prose = readme.replaceAll(/^```mermaid\n[\s\S]*?^```$/gm, '');
    const html = (await marked.parse(prose)).replaceAll(/<[^>]*>/g, ' ');
    const plain = html.replaceAll(/&lt;|&gt;|&quot;|&#39;|&amp;/g, ' ');
    const found = counted(words(text));
    const lost = [...counted(words(plain))].filter(([word, count]) => (found.get(word) ?? 0) < count);
    expect(lost).toEqual([]);
    const outLines = text.split('\n').map((line) => line.trimStart());
    for (const block of code) {
      for (const line of block.text.split('\n')) {
        if (block.lang !== 'mermaid') expect(outLines).toContain(line.trimStart());
        else if (line.includes(': ')) expect(flat).toContain(line.slice(line.indexOf(': ') + 2).trim());
      }
    }
  });

  it.each([40, 80])('keeps to %i columns, but for code and for words that are longer', (width) => {
    const isCode = (line: string): boolean => code.some((block) => block.text.includes(line.trim()));
    const tooLong = rendered(readme, width)
      .split('\n')
      .filter(
        (line) => line.length > width && /\S\s+\S/.test(line.replace(/^\s*(- )?/, '')) && !isCode(line),
      );
    expect(tooLong).toEqual([]);
  });
});
