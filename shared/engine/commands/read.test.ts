import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { printing } from '../check/kit/captured-output.ts';
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

/** A lesson that there is not, with this README. */
const lessonOf = (readme: string): Lesson => {
  const folder = `98-made-${Object.keys(made).length}`;
  made[folder] = readme;
  return { number: 98, folder, title: 'Made up' };
};
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
  { of = madeUp, rows = 24, columns = 80, part = undefined as string | undefined } = {},
): Promise<Seen & { asked: unknown[][] }> => {
  const seen: Seen = { screens: [], menus: [] };
  const choose = vi.fn(async (_message: string, menu: readonly string[]): Promise<string> => {
    seen.menus.push(menu);
    const wanted = choices.shift() ?? menu[0]!;
    if (wanted === 'Esc') throw new Interrupted('Esc');
    const choice = menu.find((text) => text.startsWith(wanted));
    expect(choice, `"${wanted}" among ${menu.join(', ')}`).toBeDefined();
    return choice!;
  });
  const print = (text: string): unknown => seen.screens.push(stripVTControlCharacters(text));
  expect(await read(of, part, { width: columns, print, person: { rows, columns, choose } })).toBe(0);
  return { ...seen, asked: choose.mock.calls };
};

const folded = (summary: string, text: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>\n\n`;
const madeUp = lessonOf(`# Lesson 98 · Made up

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
`);
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
});

describe('a part', () => {
  it.each([
    [' THE IDEA ', /^The idea ─* ?Think\. A detail ─* ?Of the idea\.$/],
    ['do more', /^Step 12 · Do more .*More\. 2 hints for this step: \S+ run \S+ hint 12`$/],
    ['step 12', /^Step 12 · Do more/],
    ['think', /^Think about it/],
    ['go', /^Go further ─* ?The end\.$/],
  ])(
    'is found by its name, by how that begins, or by what is in it, and goes as far as the next one: %s',
    async (name, expected) => {
      expect(flat(await printed(madeUp, name))).toMatch(expected);
    },
  );

  it('is found by its whole name before one that only begins so', async () => {
    const two = lessonOf('# Lesson 96 · Two\n\n## Run it twice\n\nb\n\n## Run it\n\na\n');
    expect(flat(await printed(two, 'run it'))).toMatch(/ a$/);
  });

  it('that is not there is refused, with those that are', async () => {
    const refused = printed(madeUp, 'anwsers');
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      `Lesson 98 has no part "anwsers". Its parts: ${titles.join(', ')}.`,
    );
  });
});

describe('without somebody to ask', () => {
  it.each([
    ['a pipe', { isTTY: false, columns: undefined }, 80],
    ['a narrow terminal', { isTTY: true, columns: 40 }, 40],
    ['a wide terminal', { isTTY: true, columns: 200 }, 88],
  ])('lines in %s are as wide as they can be read', async (_what, terminal, width) => {
    const lines = printing();
    const { isTTY, columns } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns }));
    Object.assign(process.stdout, terminal);
    expect(await read(lessonOf(`# Lesson 95 · Long\n\n${'word '.repeat(100)}\n`))).toBe(0);
    const widths = stripVTControlCharacters(lines.join('\n'))
      .split('\n')
      .map((line) => line.length);
    const widest = Math.max(...widths);
    expect(widest).toBeLessThanOrEqual(width);
    expect(widest).toBeGreaterThan(width - 10);
  });

  it('a README that is lost can be had back', async () => {
    const lines = printing();
    expect(await read({ number: 99, folder: '99-lost', title: 'Lost' })).toBe(1);
    expect(lines.join()).toContain('git checkout -- lessons/99-lost/README.md');
  });
});

describe('at a terminal', () => {
  it.each(allLessons().map((of) => [of.folder, of] as const))(
    'who always presses Enter reads all of %s, except for the answers',
    async (_, of) => {
      const { screens, menus } = await readAs([], { of });
      expect(flat(screens.join('\n'))).toBe(flat(await printed(of)));
      expect(menus.at(-1)).toEqual(['leave', 'another part']);
    },
  );

  it('a screen holds what fits above the menu', async () => {
    const { screens } = await readAs([], { of: allLessons()[0]!, rows: 20, columns: 40 });
    for (const screen of screens) {
      const rows = screen.split('\n').map((line) => Math.max(1, Math.ceil(line.length / 40)));
      expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20 - 4);
    }
  });

  it('the answers come to who asks for them, and then it goes on behind them', async () => {
    const { screens, menus } = await readAs(['another', 'Think', 'the answers']);
    expect(menus[2]).toEqual(['next: Go further', 'the answers', 'another part', 'leave']);
    expect(screens[1]).not.toContain('Because.');
    expect(screens[2]).toContain('Because.');
    expect(screens.at(-1)).toMatch(/^\nGo further\n/);
  });

  it.each([[['leave']], [['Esc']]])('%j leaves', async (choices) => {
    expect((await readAs(choices)).screens).toHaveLength(1);
  });

  it('every part can be gone to, with the one marked that is open, and it goes on from there', async () => {
    const { screens, menus, asked } = await readAs(['another', 'Step 12', 'another', 'The answers']);
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
    expect(asked[3]![2]).toBe('Step 12 · Do more');
  });

  it('a part that does not fit comes in several screens, each with a way out', async () => {
    const of = lessonOf(`# Lesson 94 · High\n\n${'- a line\n'.repeat(12)}\nBehind it.\n`);
    const { menus, screens } = await readAs([], { of, rows: 12 });
    expect(menus[0]).toEqual(['more', 'another part', 'leave']);
    expect(menus.at(-1)).toEqual(['leave', 'another part']);
    expect(screens.join('\n').match(/a line/g)).toHaveLength(12);
    for (const screen of screens.slice(0, -1))
      expect(screen.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect((await readAs(['leave'], { of, rows: 12 })).screens).toHaveLength(1);
    // However low a terminal is, it goes on.
    expect((await readAs([], { of, rows: 1 })).screens.length).toBeLessThan(12);
  });

  it.each([[new Interrupted('Ctrl-C')], [new Error('no bread')]])('%s is passed on', async (error) => {
    const choose = vi.fn().mockRejectedValueOnce(error);
    const person = { rows: 24, columns: 80, choose };
    await expect(read(madeUp, undefined, { width: 80, print: () => {}, person })).rejects.toBe(error);
    choose.mockResolvedValueOnce('another part').mockRejectedValueOnce(error);
    await expect(read(madeUp, undefined, { width: 80, print: () => {}, person })).rejects.toBe(error);
  });

  it('Esc at the choice of parts goes back to the page', async () => {
    const { screens } = await readAs(['another', 'Esc', 'leave']);
    expect(screens).toHaveLength(2);
    expect(screens[1]).toBe(screens[0]);
  });
});
