import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fakeTerminal, type FakeTerminal } from '#testkit/fake-terminal.ts';
import { canPrompt, Interrupted, onPrompt, prompt } from './prompt.ts';

const escape = '\u001B';
const ctrlC = '\u0003';
const ctrlD = '\u0004';
const ctrlZ = '\u001A';
const down = '\u001B[B';

/** A prompt that has opened, and what comes of it. */
const opened = async (options: Parameters<typeof prompt>[1] = {}, terminal = fakeTerminal()) => {
  const asked = prompt('Which?', options);
  await terminal.shows(options.choices?.at(-1)?.slice(0, 10) ?? 'Which?');
  /** Presses keys. @returns the answer */
  const answer = (...keys: string[]): Promise<string> => {
    for (const each of keys) terminal.type(each);
    return asked;
  };
  return { terminal, asked, answer };
};
const linesOn = (terminal: FakeTerminal): string[] => terminal.screen().filter((line) => line !== '');

describe('whether there is a person to ask', () => {
  it.each([
    [[], true],
    [['stdin'], false],
    [['stdout'], true],
    [['stderr'], true],
    [['stdout', 'stderr'], false],
  ] as const)('with %j led elsewhere: %s', (without, expected) => {
    fakeTerminal({ without });
    expect(canPrompt()).toBe(expected);
  });
});

describe('a prompt', () => {
  it('takes what is typed, up to Return', async () => {
    const { terminal, answer } = await opened();
    expect(await answer('Gracf\u007F', 'e\r')).toBe('Grace');
    expect(terminal.screen().join('\n').trim()).toMatch(/^\S Which\? \S Grace$/);
  });

  it('takes Ctrl-D for Return', async () => {
    expect(await (await opened()).answer(`Ada${ctrlD}`)).toBe('Ada');
  });

  it('passes Ctrl-Z over: it would suspend this process, and not the command that waits for it', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    expect(await (await opened()).answer(`A${ctrlZ}da\n`)).toBe('Ada');
    expect(kill).not.toHaveBeenCalled();
  });

  it.each([
    ['Ctrl-C', `A${ctrlC}`],
    ['Esc', escape],
  ])('is left by %s', async (key, keys) => {
    const left = (await opened()).answer(keys);
    await expect(left).rejects.toThrow(Interrupted);
    await expect(left).rejects.toMatchObject({
      key,
      name: 'Interrupted',
      message: `You left it at the prompt, by ${key}.`,
    });
  });

  it('leaves what was typed ahead to the next one', async () => {
    const terminal = fakeTerminal();
    const first = prompt('First?');
    await terminal.shows('First?');
    terminal.type('Ada\rGra');
    terminal.type('ce\rrest');
    expect(await first).toBe('Ada');
    expect(await prompt('Second?')).toBe('Grace');
    const third = prompt('Third?');
    await terminal.shows('rest');
    terminal.type('\r');
    expect(await third).toBe('rest');
  });

  it('goes to standard error when the output is led elsewhere, and leaves the output alone', async () => {
    const { terminal, answer } = await opened({}, fakeTerminal({ without: ['stdout'] }));
    process.stdout.write('a reply\n');
    expect(await answer('Ada\r')).toBe('Ada');
    expect(terminal.piped()).toBe('a reply\n');
    expect(terminal.screen().join('\n')).not.toContain('a reply');
  });

  it.each(['Ada\r', ctrlC])('gives the terminal back as it was, after %j', async (keys) => {
    const terminal = fakeTerminal();
    const writes = [process.stdout.write, process.stderr.write];
    const { answer } = await opened({}, terminal);
    expect(terminal.isRaw()).toBe(true);
    await answer(keys).catch(() => 'left');
    expect(terminal.isRaw()).toBe(false);
    expect(process.stdin.isPaused()).toBe(true);
    expect(process.stdin.listenerCount('data')).toBe(0);
    expect([process.stdout.write, process.stderr.write]).toEqual(writes);
  });

  it('tells when it opens, and when it closes', async () => {
    const told: boolean[] = [];
    onPrompt((open) => told.push(open));
    onTestFinished(() => onPrompt(() => {}));
    const { answer } = await opened();
    expect(told).toEqual([true]);
    await answer('\r');
    expect(told).toEqual([true, false]);
  });
});

describe('a menu', () => {
  const choices = ['red', 'green', 'blue'];

  it('takes the one that is marked', async () => {
    expect(await (await opened({ choices })).answer(down, '\r')).toBe('green');
  });

  it.each([
    ['blue', 'blue'],
    ['pink', 'red'],
    [undefined, 'red'],
  ])('begins at %s: %s', async (initial, expected) => {
    const { answer } = await opened({ choices, ...(initial !== undefined && { initial }) });
    expect(await answer('\r')).toBe(expected);
  });

  it('cuts a line that would wrap, and gives the whole of it', async () => {
    const whole = 'one two three four five';
    const { terminal, answer } = await opened(
      { choices: ['fifteen letters', whole] },
      fakeTerminal({ columns: 20 }),
    );
    for (const shown of ['fifteen letters', 'one two three …']) {
      expect(terminal.screen()).toContainEqual(expect.stringContaining(shown));
    }
    for (const line of terminal.screen()) expect(line.length).toBeLessThan(20);
    expect(await answer(down, '\r')).toBe(whole);
  });

  it('has 80 columns where the terminal does not know its size', async () => {
    const terminal = fakeTerminal();
    Object.assign(process.stdout, { columns: 0 });
    const { answer } = await opened({ choices: ['x'.repeat(75), 'y'.repeat(76)] }, terminal);
    expect(terminal.screen().join('\n')).toContain('x'.repeat(75));
    expect(terminal.screen().join('\n')).toContain(`${'y'.repeat(74)}…`);
    await answer('\r');
  });
});

describe('what is printed while a prompt waits', () => {
  it('stands above it, and the half of an answer stays', async () => {
    const { terminal, answer } = await opened();
    terminal.type('Hel');
    await terminal.shows('Hel');
    expect(process.stdout.write('Grace: hi\n')).toBe(true);
    process.stderr.write('a warning');
    process.stdout.write(Buffer.from('Edsger: moin\n'));
    await terminal.shows('moin');
    expect(await answer('lo\r')).toBe('Hello');
    expect(linesOn(terminal)).toEqual([
      'Grace: hi',
      'a warning',
      'Edsger: moin',
      expect.stringMatching(/Which\? . Hello$/),
    ]);
  });

  it('tells who has printed it that it is done', async () => {
    const { terminal, answer } = await opened();
    await new Promise<void>((resolve) => process.stdout.write('one\n', () => resolve()));
    await new Promise<void>((resolve) => process.stdout.write('two\n', 'utf8', () => resolve()));
    await answer('\r');
    expect(linesOn(terminal).slice(0, 2)).toEqual(['one', 'two']);
  });

  it('is not lost when it comes as the prompt opens or closes', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('What do you say?');
    process.stdout.write('early\n');
    await terminal.shows('What do you say?');
    terminal.type('Hello\r');
    process.stdout.write('late\n');
    await asked;
    process.stdout.write('after\n');
    const lines = linesOn(terminal);
    expect(lines).toHaveLength(4);
    expect(lines).toEqual(expect.arrayContaining(['early', 'late', 'after']));
    expect(lines.at(-1)).toBe('after');
  });
});
