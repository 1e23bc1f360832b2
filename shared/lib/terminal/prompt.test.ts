import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { canPrompt, Interrupted, onPrompt, prompt } from './prompt.ts';

const escape = '\u001B';
const ctrlC = '\u0003';
const ctrlD = '\u0004';
const ctrlZ = '\u001A';
const down = '\u001B[B';

/** Why a prompt was left. */
const left = (asked: Promise<string>): Promise<Interrupted> =>
  asked.then(
    (answer) => Promise.reject(new Error(`It was answered: ${answer}`)),
    (error: unknown) => {
      expect(error).toBeInstanceOf(Interrupted);
      return error as Interrupted;
    },
  );

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
    const terminal = fakeTerminal();
    const asked = prompt('Which name?');
    await terminal.shows('Which name?');
    terminal.type('Gracf\u007F');
    terminal.type('e\r');
    expect(await asked).toBe('Grace');
    expect(terminal.screen().join('\n').trim()).toMatch(/^\S Which name\? \S Grace$/);
  });

  it('shows the answer that Return alone gives', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('Which name?', { initial: 'Ada' });
    await terminal.shows('Ada');
    terminal.type('\r');
    expect(await asked).toBe('Ada');
  });

  it('takes Ctrl-D for Return', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('Which name?');
    await terminal.shows('Which name?');
    terminal.type(`Ada${ctrlD}`);
    expect(await asked).toBe('Ada');
  });

  it('passes Ctrl-Z over: it would suspend this process, and not the command that waits for it', async () => {
    const terminal = fakeTerminal();
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    const asked = prompt('Which name?');
    await terminal.shows('Which name?');
    terminal.type(`A${ctrlZ}da\n`);
    expect(await asked).toBe('Ada');
    expect(kill).not.toHaveBeenCalled();
  });

  it('is left by Ctrl-C', async () => {
    const terminal = fakeTerminal();
    const asked = left(prompt('Which name?'));
    await terminal.shows('Which name?');
    terminal.type(`A${ctrlC}`);
    const { key, name, message } = await asked;
    expect({ key, name }).toEqual({ key: 'Ctrl-C', name: 'Interrupted' });
    expect(message).toBe('You left it at the prompt, by Ctrl-C.');
  });

  it('is left by Esc', async () => {
    const terminal = fakeTerminal();
    const asked = left(prompt('Which name?'));
    await terminal.shows('Which name?');
    terminal.type(escape);
    expect((await asked).key).toBe('Esc');
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
    const terminal = fakeTerminal({ without: ['stdout'] });
    const asked = prompt('Which name?');
    await terminal.shows('Which name?');
    process.stdout.write('a reply\n');
    terminal.type('Ada\r');
    expect(await asked).toBe('Ada');
    expect(terminal.piped()).toBe('a reply\n');
    expect(terminal.screen().join('\n')).not.toContain('a reply');
  });

  it('gives the terminal back as it was', async () => {
    const terminal = fakeTerminal();
    const writes = [process.stdout.write, process.stderr.write];
    for (const keys of ['Ada\r', ctrlC]) {
      const asked = prompt('Which name?').catch(() => 'left');
      await terminal.shows('Which name?');
      expect(terminal.isRaw()).toBe(true);
      terminal.type(keys);
      await asked;
      expect(terminal.isRaw()).toBe(false);
      expect(process.stdin.isPaused()).toBe(true);
      expect(process.stdin.listenerCount('data')).toBe(0);
      expect([process.stdout.write, process.stderr.write]).toEqual(writes);
    }
  });

  it('tells when it opens, and when it closes', async () => {
    const terminal = fakeTerminal();
    const told: boolean[] = [];
    onPrompt((open) => told.push(open));
    const asked = prompt('Which name?');
    await terminal.shows('Which name?');
    expect(told).toEqual([true]);
    terminal.type('\r');
    await asked;
    expect(told).toEqual([true, false]);
    onPrompt(() => {});
  });
});

describe('a menu', () => {
  const choices = ['red', 'green', 'blue'];

  it('takes the one that is marked', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('Which?', { choices });
    await terminal.shows('blue');
    terminal.type(down);
    terminal.type('\r');
    expect(await asked).toBe('green');
  });

  it.each([
    ['blue', 'blue'],
    ['pink', 'red'],
    [undefined, 'red'],
  ])('begins at %s: %s', async (initial, expected) => {
    const terminal = fakeTerminal();
    const asked = prompt('Which?', { choices, ...(initial !== undefined && { initial }) });
    await terminal.shows('blue');
    terminal.type('\r');
    expect(await asked).toBe(expected);
  });

  it('cuts a line that would wrap, and gives the whole of it', async () => {
    const terminal = fakeTerminal({ columns: 20 });
    const whole = 'one two three four five';
    const asked = prompt('Which?', { choices: ['fifteen letters', whole] });
    await terminal.shows('…');
    for (const shown of ['fifteen letters', 'one two three …']) {
      expect(terminal.screen()).toContainEqual(expect.stringContaining(shown));
    }
    for (const line of terminal.screen()) expect(line.length).toBeLessThan(20);
    terminal.type(down);
    terminal.type('\r');
    expect(await asked).toBe(whole);
  });

  it('has 80 columns where the terminal does not know its size', async () => {
    const terminal = fakeTerminal();
    Object.assign(process.stdout, { columns: 0 });
    const asked = prompt('Which?', { choices: ['x'.repeat(75), 'y'.repeat(76)] });
    await terminal.shows('…');
    expect(terminal.screen().join('\n')).toContain('x'.repeat(75));
    expect(terminal.screen().join('\n')).toContain(`${'y'.repeat(74)}…`);
    terminal.type('\r');
    await asked;
  });
});

describe('what is printed while a prompt waits', () => {
  it('stands above it, and the half of an answer stays', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('What do you say?');
    await terminal.shows('What do you say?');
    terminal.type('Hel');
    await terminal.shows('Hel');
    expect(process.stdout.write('Grace: hi\n')).toBe(true);
    process.stderr.write('a warning');
    process.stdout.write(Buffer.from('Edsger: moin\n'));
    await terminal.shows('moin');
    terminal.type('lo\r');
    expect(await asked).toBe('Hello');
    const lines = terminal.screen().filter((line) => line !== '');
    expect(lines).toEqual([
      'Grace: hi',
      'a warning',
      'Edsger: moin',
      expect.stringMatching(/What do you say\? . Hello$/),
    ]);
  });

  it('tells who has printed it that it is done', async () => {
    const terminal = fakeTerminal();
    const asked = prompt('What do you say?');
    await terminal.shows('What do you say?');
    await new Promise<void>((resolve) => process.stdout.write('one\n', () => resolve()));
    await new Promise<void>((resolve) => process.stdout.write('two\n', 'utf8', () => resolve()));
    terminal.type('\r');
    await asked;
    expect(
      terminal
        .screen()
        .filter((line) => line !== '')
        .slice(0, 2),
    ).toEqual(['one', 'two']);
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
    const lines = terminal.screen().filter((line) => line !== '');
    expect(lines).toHaveLength(4);
    expect(lines).toEqual(expect.arrayContaining(['early', 'late', 'after']));
    expect(lines.at(-1)).toBe('after');
  });
});
