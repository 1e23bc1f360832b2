import { Chalk } from 'chalk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeTerminal, type FakeTerminalOptions } from '#testkit/fake-terminal.ts';
import { cut, wrapped } from './style.ts';

const { bold } = new Chalk({ level: 1 });

it.each([
  ['painted text as if it were plain', bold('one two three'), 7, [bold('one two'), bold('three')]],
  ['emoji and Chinese by their width', '👨‍👩‍👧 漢字 漢字', 8, ['👨‍👩‍👧 漢字', '漢字']],
  ['no words that a no-break space holds together', 'one two\u00A0three', 8, ['one', 'two\u00A0three']],
  [
    'each paragraph, and no long word',
    'one\n\ntwo  three incomprehensible',
    6,
    ['one', '', 'two', 'three', 'incomprehensible'],
  ],
  ['with the margin before each line', '  at the end', 8, ['  at the', '  end']],
])('breaks %s', (_what, text, width, lines) => {
  expect(wrapped(text, width)).toEqual(lines);
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
