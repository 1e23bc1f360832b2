import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';

/** The person left a prompt without an answer. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  /** Esc goes back to where the person came from, Ctrl-C ends the program. */
  readonly key: 'Esc' | 'Ctrl-C';

  constructor(key: 'Esc' | 'Ctrl-C') {
    super(`You left it at the prompt, by ${key}.`);
    this.key = key;
  }
}

// enquirer is CommonJS, and its types leave out the prompts' classes.
interface Prompt {
  state: { size: number; closed?: boolean };
  run(): Promise<string>;
  clear(lines: number): void;
  render(): Promise<void>;
  cancel(): Promise<void>;
  submit(): Promise<void>;
  /** Which of the choices is marked. */
  index: number;
  /** Called for a key that means nothing else. */
  dispatch(key: string): unknown;
}
interface PromptOptions {
  message: string;
  initial?: string | number;
  choices?: readonly { name: string; message: string }[];
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}
type PromptClass = new (options: PromptOptions) => Prompt;

/** Prompts go where the person looks: standard output, or standard error when the output is piped away. */
const screen = (): NodeJS.WriteStream => (process.stdout.isTTY ? process.stdout : process.stderr);

/** @returns whether there is a person at a terminal who can answer */
export const canPrompt = (): boolean => process.stdin.isTTY === true && screen().isTTY === true;

let announce = (_open: boolean): void => {};

/** Has it told whenever a prompt opens or closes: then a person is at work, and silence means nothing. */
export const onPrompt = (listener: (open: boolean) => void): void => {
  announce = listener;
};

const interrupt = 0x03;
const endOfInput = 0x04;
const suspend = 0x1a;
const carriageReturn = 0x0d;
const newline = 0x0a;
/** Whatever comes after one of them is no part of the answer. */
const ends = [carriageReturn, newline, endOfInput, interrupt];

/** What was typed or pasted beyond the answer to the last prompt. It belongs to the next one. */
let typedAhead: Buffer = Buffer.alloc(0);

/**
 * Hands the keys of the terminal to one prompt: up to the first Return, without Ctrl-Z, which would suspend this
 * process but not the command that waits for it, and without Ctrl-D and Ctrl-C, which enquirer does not survive (Ctrl-C
 * from Node.js 24 on: it pauses what that has closed). Ctrl-D counts as Return.
 *
 * @param onInterrupt - called for Ctrl-C
 * @returns the keys, and how to stop
 */
const keysForOne = (onInterrupt: () => void): { keys: NodeJS.ReadStream; stop: () => void } => {
  const keys = new PassThrough();
  let answered = false;
  const take = (chunk: Buffer): void => {
    if (answered) {
      typedAhead = Buffer.concat([typedAhead, chunk]);
      return;
    }
    const end = chunk.findIndex((byte) => ends.includes(byte));
    const own = end === -1 ? chunk : chunk.subarray(0, end + 1);
    const kept = own.filter((byte) => byte !== interrupt && byte !== suspend);
    keys.write(kept.map((byte) => (byte === endOfInput ? carriageReturn : byte)));
    if (end === -1) return;
    answered = true;
    typedAhead = chunk.subarray(end + 1);
    if (chunk[end] === interrupt) setImmediate(onInterrupt);
  };
  const stop = (): void => {
    process.stdin.off('data', take);
    process.stdin.pause();
  };
  process.stdin.on('data', take);
  process.stdin.resume();
  const ahead = typedAhead;
  typedAhead = Buffer.alloc(0);
  if (ahead.length > 0) setImmediate(take, ahead);
  const terminal = { isTTY: true, isRaw: false, setRawMode: (raw: boolean) => process.stdin.setRawMode(raw) };
  return {
    keys: Object.assign(keys, terminal) as unknown as NodeJS.ReadStream,
    stop,
  };
};

/** A line of a menu that wraps would be redrawn wrongly: enquirer's marks and a column of air need five. */
const fitting = (text: string, { columns }: NodeJS.WriteStream): string => {
  // A terminal that does not know its size says 0.
  const room = (columns || 80) - 5;
  return text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
};

/**
 * Shows a prompt and waits for the answer. Whatever the program prints meanwhile appears above the prompt,
 * so the line being typed is never broken up.
 *
 * @param message - what is asked
 * @param options - `initial`: the answer that Enter alone gives; `choices`: offers a menu of these
 * @returns the answer
 * @throws Interrupted when the person leaves instead of answering
 */
export const prompt = async (
  message: string,
  options: { initial?: string; choices?: readonly string[] } = {},
): Promise<string> => {
  // enquirer looks at this alone, when it is loaded.
  if (process.env.NO_COLOR || process.argv.includes('--no-color')) process.env.FORCE_COLOR = '0';
  // Loaded here, because most runs never ask anything.
  const { Input, Select } = createRequire(import.meta.url)('enquirer') as Record<
    'Input' | 'Select',
    PromptClass
  >;
  const stdout = screen();
  const draw = stdout.write.bind(stdout);
  const canvas = Object.create(stdout, { write: { value: draw } }) as NodeJS.WriteStream;
  const { initial, choices } = options;
  let left: 'Esc' | 'Ctrl-C' = 'Esc';
  const { keys: stdin, stop } = keysForOne(() => {
    left = 'Ctrl-C';
    void open.cancel();
  });
  const open = choices
    ? new Select({
        message,
        choices: choices.map((name) => ({ name, message: fitting(name, stdout) })),
        initial: Math.max(0, choices.indexOf(initial ?? '')),
        stdin,
        stdout: canvas,
      })
    : new Input({ message, ...(initial !== undefined && { initial }), stdin, stdout: canvas });

  // A question of yes and no is answered by its first letter too; in a longer menu that would mean too much.
  if (choices?.join() === 'yes,no') {
    open.dispatch = (key) => {
      const chosen = choices.findIndex((choice) => choice.startsWith(key.toLowerCase()));
      if (chosen === -1) return undefined;
      open.index = chosen;
      return open.submit();
    };
  }

  // Drawing takes enquirer several turns. What is printed, or drawn again, meanwhile has to wait for its own turn: the
  // lines to clear would be others by then.
  const render = open.render.bind(open);
  let begun = false;
  let above = '';
  let turn: Promise<unknown> = Promise.resolve();
  const drawAbove = (): void => {
    if (above === '') return;
    open.clear(open.state.size);
    open.state.size = 0;
    draw(above);
    above = '';
  };
  const drawAgain = async (): Promise<void> => {
    drawAbove();
    begun = true;
    await render();
  };
  const renderInTurn = async (): Promise<void> => {
    const mine = turn.then(drawAgain);
    turn = mine.catch(() => {});
    await mine;
  };
  open.render = renderInTurn;

  const printAbove = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const line = text.endsWith('\n') ? text : `${text}\n`;
    if (begun && !open.state.closed) {
      // What waits already has its turn: lines that come fast must not cost a drawing each.
      const waits = above !== '';
      above += line;
      if (!waits) void renderInTurn();
    } else {
      draw(line);
    }
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
  const streams = [process.stdout, process.stderr].filter((stream) => stream.isTTY);
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = printAbove;
  // A program that ends while it asks has often just said why: that must not wait for a turn that never comes.
  process.on('exit', drawAbove);
  announce(true);
  try {
    return await open.run();
  } catch {
    throw new Interrupted(left);
  } finally {
    await turn;
    // What came while the prompt was closing.
    if (above !== '') draw(above);
    process.off('exit', drawAbove);
    stop();
    announce(false);
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
  }
};
