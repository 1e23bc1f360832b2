import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Interrupted } from '../terminal/prompt.ts';
import { allLessons, type Lesson } from './lessons.ts';
import { read } from './read.ts';
import { UsageError } from './usage-error.ts';

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
      'next: Go further',
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

  it('Esc at the choice of parts goes back to the page', async () => {
    const { screens } = await readAs(['another', 'Esc', 'leave']);
    expect(screens).toHaveLength(2);
    expect(screens[1]).toBe(screens[0]);
  });
});
