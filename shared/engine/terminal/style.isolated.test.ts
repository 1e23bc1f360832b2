import { Chalk } from 'chalk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeTerminal, type FakeTerminalOptions } from '#testkit/fake-terminal.ts';
import { cut, visibleWidth, wrapped } from './style.ts';

const { bold } = new Chalk({ level: 1 });

it('breaks painted text where it would break plain text', () => {
  expect(wrapped(`one ${bold('two')} three`, 7)).toEqual([`one ${bold('two')}`, 'three']);
  expect(visibleWidth(bold('two'))).toBe(3);
});

it('leaves words together that a no-break space holds together', () => {
  expect(wrapped('one two\u00A0three', 8)).toEqual(['one', 'two\u00A0three']);
});

it('keeps a paragraph on a line of its own, and a word whole that is longer than a line', () => {
  expect(wrapped('one\n\ntwo  three incomprehensible', 6)).toEqual([
    'one',
    '',
    'two',
    'three',
    'incomprehensible',
  ]);
});

it.each([
  ['seven t', 7, 'seven t'],
  ['eight to', 7, 'eight …'],
  ['ab', 1, '…'],
  ['ab', 0, '…'],
  ['👨‍👩‍👧 and 漢字', 4, '👨‍👩‍👧 …'],
  ['漢字漢字', 6, '漢字…'],
  ['e\u0301te\u0301', 3, 'e\u0301te\u0301'],
])('cuts "%s" for %i columns: "%s"', (line, width, expected) => {
  expect(cut(line, width)).toBe(expected);
});

describe('on a terminal', () => {
  const argv = [...process.argv];
  afterEach(() => {
    process.argv = [...argv];
    vi.unstubAllEnvs();
  });

  /** The module as a program sees it that is started like this. */
  const started = (
    { NO_COLOR, FORCE_COLOR }: Partial<Record<'NO_COLOR' | 'FORCE_COLOR', string>> = {},
    options: FakeTerminalOptions = {},
  ) => {
    vi.stubEnv('NO_COLOR', NO_COLOR);
    vi.stubEnv('FORCE_COLOR', FORCE_COLOR);
    fakeTerminal(options);
    vi.resetModules();
    return import('./style.ts');
  };
  const piped = { without: ['stdout'] } as const;

  it.each<[string, Parameters<typeof started>, boolean]>([
    ['a terminal', [], true],
    ['a pipe', [{}, piped], false],
    ['a pipe, for whom they are forced', [{ FORCE_COLOR: '1' }, piped], true],
    ['a terminal, when the person wants none', [{ NO_COLOR: '1' }], false],
    ['a terminal, with NO_COLOR empty', [{ NO_COLOR: '' }], true],
    ['a terminal, with FORCE_COLOR=0', [{ FORCE_COLOR: '0' }], false],
    ['one who wants both', [{ NO_COLOR: '1', FORCE_COLOR: '1' }], false],
  ])('there are colours for %s: %s', async (_whom, [environment, options], expected) => {
    const { colourful, colourEnvironment, paint } = await started(environment, options);
    expect(colourful).toBe(expected);
    if (!expected) expect(paint.bold('word')).toBe('word');
    // A child process sees no terminal, so it has to be told.
    const told = colourEnvironment();
    expect(Number(told.FORCE_COLOR) > 0).toBe(expected);
    expect(told).not.toHaveProperty('NO_COLOR');
    expect(told.PATH).toBe(process.env.PATH);
  });

  it('there are none with --no-color', async () => {
    process.argv.push('--no-color');
    expect((await started()).colourful).toBe(false);
  });

  it('lines are as long as it is wide, and without one as long as they like', async () => {
    expect((await started({}, { columns: 40 })).columns()).toBe(40);
    expect((await started({}, piped)).columns()).toBe(Infinity);
    const { columns } = await started();
    // A terminal that does not know its size.
    Object.assign(process.stdout, { columns: 0 });
    expect(columns()).toBe(Infinity);
  });

  it('a block is indented, and stays one', async () => {
    const { indented } = await started({}, { columns: 24 });
    expect(indented('one two three four five\nsix', 2)).toBe('  one two three four\n  five\n  six');
    // Lines of a few letters are no text any more.
    expect(indented('one two three four five', 20)).toBe(
      `${' '.repeat(20)}one two three four\n${' '.repeat(20)}five`,
    );
  });
});

it('counts columns as a terminal does: two for an emoji or a Chinese character, none for a combining mark', () => {
  expect(['👨‍👩‍👧', '漢字', 'e\u0301'].map(visibleWidth)).toEqual([2, 4, 1]);
  expect(wrapped('漢字 漢字', 8)).toEqual(['漢字', '漢字']);
});
