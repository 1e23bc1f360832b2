import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { printing } from '../check/kit/printing.ts';
import { Interrupted } from '#shared/terminal/prompt.ts';
import { allLessons, type Lesson } from '../lesson/lessons.ts';
import { read } from './read.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** READMEs of lessons that there are not, by folder. */
const made = vi.hoisted((): Record<string, string> => ({}));
vi.mock('../lesson/lessons.ts', async (original) => {
  const lessons = await original<typeof import('../lesson/lessons.ts')>();
  return { ...lessons, readmeOf: (folder: string) => made[folder] ?? lessons.readmeOf(folder) };
});

const lesson = allLessons()[0]!;
const flat = (text: string): string => stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').trim();

/** Reads without a terminal. */
const printed = async (of: Lesson, part?: string): Promise<string> => {
  const texts: string[] = [];
  expect(await read(of, part, { width: 80, print: (text) => texts.push(text) })).toBe(0);
  return stripVTControlCharacters(texts.join('\n'));
};

interface Seen {
  screens: string[];
  menus: (readonly string[])[];
}

/** Reads as a person does who chooses like this: by how a choice begins. Behind the last one, Enter. */
const readAs = async (
  choices: string[],
  { of = lesson, rows = 24, columns = 80 } = {},
): Promise<Seen & { code: number }> => {
  const seen: Seen = { screens: [], menus: [] };
  const choose = async (_message: string, menu: readonly string[]): Promise<string> => {
    seen.menus.push(menu);
    const wanted = choices.shift() ?? menu[0]!;
    if (wanted === 'Esc') throw new Interrupted('Esc');
    const choice = menu.find((text) => text.startsWith(wanted));
    expect(choice, `"${wanted}" among ${menu.join(', ')}`).toBeDefined();
    return choice!;
  };
  const print = (text: string): unknown => seen.screens.push(stripVTControlCharacters(text));
  const code = await read(of, undefined, { width: columns, print, person: { rows, columns, choose } });
  return { ...seen, code };
};

const folded = (summary: string, text: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>\n\n`;
made['98-made'] = `# Lesson 98 · Made up

Before all.

## The idea

Think.

### A detail

Of the idea.

### Step 1 · Do it

Write.

${folded('Hint 1', 'Weak.')}### Step 12 · Do more

More.

${folded('Hint 1', 'Weak.')}${folded('Hint 2', 'Strong.')}## Think about it

${folded('Who?', 'Ada.')}${folded('Why?', 'Because.')}## Go further

The end.
`;
const madeUp: Lesson = { number: 98, folder: '98-made', title: 'Made up' };
const titles = [
  'Lesson 98 · Made up',
  'The idea',
  'Step 1 · Do it',
  'Step 12 · Do more',
  'Think about it',
  'The answers',
  'Go further',
];

describe('what is folded', () => {
  it('is put into words where it stands, and the answers are a part that only who asks gets', async () => {
    const text = flat(await printed(madeUp));
    expect(text).toContain('Write. 1 hint for this step: `npm run lesson:98 hint 1`');
    expect(text).toContain('More. 2 hints for this step: `npm run lesson:98 hint 12`');
    expect(text).toContain('1. Who? 2. Why? The answers are folded: `npm run lesson:98 read answers`');
    expect(text).not.toMatch(/Weak|Strong|Ada\.|Because/);
    const answers = flat(await printed(madeUp, 'answers'));
    expect(answers).toMatch(/^The answers ─* ?1\. Who\? Ada\. 2\. Why\? Because\.$/);
  });

  it('leaves a text that begins without a heading as it is, under the title of the lesson', async () => {
    made['97-bare'] = 'No heading.\n\n## Run it\n\nRun.\n';
    const bare = { number: 97, folder: '97-bare', title: 'Bare' };
    expect(flat(await printed(bare))).toMatch(/^No heading\. Run it/);
    expect(flat(await printed(bare, 'bare'))).toBe('No heading.');
  });
});

describe('a part', () => {
  it.each([
    [' THE IDEA ', 'The idea'],
    ['do more', 'Step 12 · Do more'],
    ['step 12', 'Step 12 · Do more'],
    ['think', 'Think about it'],
    ['go', 'Go further'],
  ])('is found by its name, by how that begins, or by what is in it: %s', async (name, title) => {
    expect((await printed(madeUp, name)).startsWith(`${title}\n`)).toBe(true);
  });

  it('is found by its whole name before one that only begins so', async () => {
    made['96-two'] = '# Lesson 96 · Two\n\n## Run it twice\n\nb\n\n## Run it\n\na\n';
    expect(flat(await printed({ number: 96, folder: '96-two', title: 'Two' }, 'run it'))).toMatch(/ a$/);
  });

  it('goes as far as the next one', async () => {
    const text = flat(await printed(madeUp, 'idea'));
    expect(text).toContain('A detail');
    expect(text).not.toContain('Write.');
  });
});

describe('without somebody to ask', () => {
  const widthOf = async (terminal: object): Promise<number> => {
    const lines = printing();
    const { isTTY, columns } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns }));
    Object.assign(process.stdout, terminal);
    made['95-long'] = `# Lesson 95 · Long\n\n${'word '.repeat(100)}\n`;
    expect(await read({ number: 95, folder: '95-long', title: 'Long' })).toBe(0);
    const widths = lines
      .join('\n')
      .split('\n')
      .map((line) => stripVTControlCharacters(line).length);
    return Math.max(...widths);
  };

  it.each([
    ['a pipe', { isTTY: false, columns: undefined }, 80],
    ['a narrow terminal', { isTTY: true, columns: 40 }, 40],
    ['a wide terminal', { isTTY: true, columns: 200 }, 88],
  ])('lines in %s are as wide as they can be read', async (_what, terminal, width) => {
    const found = await widthOf(terminal);
    expect(found).toBeLessThanOrEqual(width);
    expect(found).toBeGreaterThan(width - 10);
  });
});

describe('without a terminal', () => {
  it('the whole text comes, with hints and answers folded', async () => {
    const text = await printed(lesson);
    expect(text).toMatch(/^Lesson 1 · Unary hello\n═/);
    expect(text).toContain('2 hints for this step: `npm run lesson:1 hint 1`');
    expect(text).not.toContain('The request is in `call.request`');
    expect(text).toContain('2. Who decides that a unary call is over?');
    expect(text).toContain('The answers are folded: `npm run lesson:1 read answers`');
    expect(text).not.toContain('The server, by sending the reply and the status.');
    expect(text).toContain('https://grpc.io/docs/guides/deadlines/');
  });

  it.each([
    ['answers', 'The answers', 'The server, by sending the reply and the status.'],
    ['Step 2', 'Step 2 · Open the kitchen', 'A handler alone hears nothing.'],
    ['the idea', 'The idea', 'Think of a'],
    ['run', 'Run it', 'Both halves in one terminal.'],
    ['kitchen', 'Step 2 · Open the kitchen', 'A handler alone hears nothing.'],
  ])('"%s" alone can be asked for', async (name, title, text) => {
    const part = await printed(lesson, name);
    expect(part.startsWith(`${title}\n`)).toBe(true);
    expect(part).toContain(text);
    expect(part).not.toContain('Go further');
  });

  it('a part that is not there is refused, with those that are', async () => {
    const refused = read(lesson, 'anwsers', { width: 80, print: () => {} });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      'Lesson 1 has no part "anwsers". Did you mean "answers"? Its parts: Lesson 1 · Unary hello, What you',
    );
  });

  it('a README that is lost can be had back', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => error.mockRestore());
    expect(await read({ number: 99, folder: '99-lost', title: 'Lost' })).toBe(1);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('git checkout -- lessons/99-lost/README.md'));
  });
});

describe('at a terminal', () => {
  it.each(allLessons().map((of) => [of.folder, of] as const))(
    'who always presses Enter reads all of %s',
    async (_, of) => {
      const { screens, menus, code } = await readAs([], { of });
      expect(flat(screens.join('\n'))).toBe(flat(await printed(of)));
      expect(menus.at(-1)).toEqual(['leave', 'another part']);
      expect(code).toBe(0);
    },
  );

  it('a screen holds what fits above the menu', async () => {
    const { screens } = await readAs([], { rows: 20, columns: 40 });
    for (const screen of screens) {
      const rows = screen.split('\n').map((line) => Math.max(1, Math.ceil(line.length / 40)));
      expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20 - 4);
    }
  });

  it('the answers come to who asks for them, and then it goes on behind them', async () => {
    const { screens } = await readAs([
      'another',
      'Check yourself',
      'the answers',
      'more',
      'next: In your own project',
    ]);
    expect(flat(screens[1]!)).not.toContain('The server, by sending the reply');
    expect(screens[2]).toContain('The server, by sending the reply');
    expect(screens.at(-1)).toMatch(/^\nGo further\n/);
  });

  it.each([[['leave']], [['Esc']]])('%j leaves', async (choices) => {
    const { screens, code } = await readAs(choices);
    expect(screens).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('every part can be gone to, and it goes on from there', async () => {
    const { screens, menus } = await readAs(['another', 'Step 12', 'another', 'The answers'], { of: madeUp });
    expect(menus[1]).toEqual(titles);
    expect(screens.map((screen) => screen.trim().split('\n')[0])).toEqual([
      'Lesson 98 · Made up',
      'Step 12 · Do more',
      'The answers',
      'Go further',
    ]);
    expect(menus.map((menu) => menu.join(', '))).toEqual([
      'next: The idea, another part, leave',
      titles.join(', '),
      'next: Think about it, another part, leave',
      titles.join(', '),
      'next: Go further, another part, leave',
      'leave, another part',
    ]);
  });

  it('where answers are folded, they can be chosen; else Enter passes them by', async () => {
    const { menus, screens } = await readAs([], { of: madeUp });
    expect(menus.at(-2)).toEqual(['next: Go further', 'the answers', 'another part', 'leave']);
    expect(screens.join('\n')).not.toContain('Because.');
  });

  it('a part that does not fit comes in several screens, each with a way out', async () => {
    made['94-high'] = `# Lesson 94 · High\n\n${'- a line\n'.repeat(12)}\nBehind it.\n`;
    const high = { number: 94, folder: '94-high', title: 'High' };
    const { menus, screens } = await readAs([], { of: high, rows: 12 });
    expect(menus[0]).toEqual(['more', 'another part', 'leave']);
    expect(menus.at(-1)).toEqual(['leave', 'another part']);
    const lines = screens.flatMap((screen) => screen.split('\n')).filter((line) => /a line/.test(line));
    expect(lines).toHaveLength(12);
    for (const screen of screens.slice(0, -1))
      expect(screen.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect((await readAs(['leave'], { of: high, rows: 12 })).screens).toHaveLength(1);
    // However low a terminal is, it goes on.
    expect((await readAs([], { of: high, rows: 1 })).screens.length).toBeLessThan(12);
  });

  it('asks with the part marked that is open', async () => {
    const asked: unknown[][] = [];
    const person = {
      rows: 24,
      columns: 80,
      choose: async (...args: unknown[]) => {
        asked.push(args);
        return asked.length === 1 ? 'another part' : asked.length === 2 ? titles[1]! : 'leave';
      },
    };
    await read(madeUp, undefined, { width: 80, print: () => {}, person });
    expect(asked[1]).toEqual([expect.any(String), titles, titles[0]]);
    expect(asked[2]![1]).toContain('next: Step 1 · Do it');
  });

  it.each([[new Interrupted('Ctrl-C')], [new Error('no bread')]])('%s is passed on', async (error) => {
    const choose = vi.fn().mockRejectedValueOnce(error);
    const person = { rows: 24, columns: 80, choose };
    await expect(read(madeUp, undefined, { width: 80, print: () => {}, person })).rejects.toBe(error);
    choose.mockResolvedValueOnce('another part').mockRejectedValueOnce(error);
    await expect(read(madeUp, undefined, { width: 80, print: () => {}, person })).rejects.toBe(error);
  });

  it('a part that is named is printed at once', async () => {
    const texts: string[] = [];
    const choose = vi.fn();
    const print = (text: string): unknown => texts.push(text);
    expect(await read(madeUp, 'go', { width: 80, print, person: { rows: 24, columns: 80, choose } })).toBe(0);
    expect(flat(texts.join())).toContain('The end.');
    expect(choose).not.toHaveBeenCalled();
  });

  it('Esc at the choice of parts goes back to the page', async () => {
    const { screens } = await readAs(['another', 'Esc', 'leave']);
    expect(screens).toHaveLength(2);
    expect(screens[1]).toBe(screens[0]);
  });
});
