import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A terminal without a person: a test types, and looks at the screen. */
export interface FakeTerminal {
  /** Presses keys; `\r` is Return. */
  type(keys: string): void;
  /** Ends what comes in, as when a pipe is closed. */
  endInput(): void;
  /** @returns the lines on the screen, without the blanks at their ends; there is no end below */
  screen(): string[];
  /** Waits until this is somewhere on the screen. */
  shows(text: string): Promise<void>;
  /** @returns whether keys come one by one, without Return, and without an echo */
  isRaw(): boolean;
  /** What was written to standard output, when it is no terminal. */
  piped(): string;
}

/** How a program is started. */
export interface FakeTerminalOptions {
  /** How wide the screen is, in columns. */
  columns?: number;
  /** Which of its streams lead elsewhere. Nothing comes on standard input then until the test ends it. */
  without?: readonly ('stdin' | 'stdout' | 'stderr')[];
}

/** A sequence that moves the cursor, clears or paints, or one character. */
const piece = /[^\P{Cc}\n\r]\[(\?)?(\d*)([A-Za-z])|[\s\S]/gu;

/** What terminals do with what is written to them, as far as prompts make use of it. */
class Screen {
  readonly #columns: number;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  lines(): string[] {
    return this.#lines.map((line) =>
      Array.from(line, (sign) => sign ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  write(text: string): void {
    for (const [sign, mark, number, command] of text.matchAll(piece)) {
      if (command !== undefined) {
        if (mark === undefined) this.#obey(command, Number(number || 1), number === '');
      } else if (sign === '\n') this.#go(this.#row + 1, 0);
      else if (sign === '\r') this.#go(this.#row, 0);
      else this.#put(sign);
    }
  }

  #put(sign: string): void {
    if (this.#column >= this.#columns) this.#go(this.#row + 1, 0);
    this.#lines[this.#row]![this.#column] = sign;
    this.#column += 1;
  }

  #go(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = Math.max(0, column);
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #obey(command: string, number: number, none: boolean): void {
    const line = this.#lines[this.#row]!;
    if (command === 'A') this.#go(this.#row - number, this.#column);
    if (command === 'B') this.#go(this.#row + number, this.#column);
    if (command === 'C') this.#go(this.#row, this.#column + number);
    if (command === 'D') this.#go(this.#row, this.#column - number);
    if (command === 'F') this.#go(this.#row - number, 0);
    if (command === 'G') this.#go(this.#row, number - 1);
    if (command === 'K') line.length = none ? Math.min(line.length, this.#column) : 0;
    if (command === 'J') this.#lines.length = this.#row + 1;
  }
}

/**
 * Puts a terminal of the test's own in the place of the process's, until the test is over.
 *
 * @returns the terminal
 */
export const fakeTerminal = ({ columns = 80, without = [] }: FakeTerminalOptions = {}): FakeTerminal => {
  const screen = new Screen(columns);
  let waiting: { text: string; resolve: () => void }[] = [];
  let piped = '';
  let raw = false;
  const output = (name: 'stdout' | 'stderr'): Writable => {
    const isTTY = !without.includes(name);
    const stream = new Writable({
      write(chunk, _encoding, done) {
        if (isTTY) screen.write(String(chunk));
        else if (name === 'stdout') piped += String(chunk);
        const all = screen.lines().join('\n');
        for (const { resolve } of waiting.filter(({ text }) => all.includes(text))) resolve();
        waiting = waiting.filter(({ text }) => !all.includes(text));
        done();
      },
    });
    return isTTY ? Object.assign(stream, { isTTY, columns, rows: 24 }) : stream;
  };
  const keys = new PassThrough();
  const setRawMode = (on: boolean): void => void (raw = on);
  const streams = {
    stdin: without.includes('stdin') ? keys : Object.assign(keys, { isTTY: true, setRawMode }),
    stdout: output('stdout'),
    stderr: output('stderr'),
  };
  for (const [name, value] of Object.entries(streams)) {
    const own = Object.getOwnPropertyDescriptor(process, name)!;
    Object.defineProperty(process, name, { configurable: true, value });
    onTestFinished(() => void Object.defineProperty(process, name, own));
  }
  return {
    type: (text) => void keys.write(text),
    endInput: () => void keys.end(),
    screen: () => screen.lines(),
    shows: (text) =>
      new Promise((resolve) => {
        if (screen.lines().join('\n').includes(text)) resolve();
        else waiting.push({ text, resolve });
      }),
    isRaw: () => raw,
    piped: () => piped,
  };
};
