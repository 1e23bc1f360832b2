import { createRequire } from 'node:module';

/** The person ended the program at a prompt: Ctrl-C, or Esc. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

// enquirer is CommonJS, and its types leave out the prompts' classes.
interface Prompt {
  state: { size: number };
  run(): Promise<string>;
  clear(lines: number): void;
  render(): Promise<void>;
}
interface PromptOptions {
  message: string;
  initial?: string | number;
  choices?: readonly string[];
  stdout: NodeJS.WriteStream;
}
type PromptClass = new (options: PromptOptions) => Prompt;

/** Prompts go where the person looks: standard output, or standard error when the output is piped away. */
const screen = (): NodeJS.WriteStream => (process.stdout.isTTY ? process.stdout : process.stderr);

/** @returns whether there is a person at a terminal who can answer */
export const canPrompt = (): boolean => process.stdin.isTTY === true && screen().isTTY === true;

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
  // Loaded here, because most runs never ask anything.
  const { Input, Select } = createRequire(import.meta.url)('enquirer') as Record<
    'Input' | 'Select',
    PromptClass
  >;
  const stdout = screen();
  const draw = stdout.write.bind(stdout);
  const canvas = Object.create(stdout, { write: { value: draw } }) as NodeJS.WriteStream;
  const { initial, choices } = options;
  const open = choices
    ? new Select({
        message,
        choices: [...choices],
        initial: Math.max(0, choices.indexOf(initial ?? '')),
        stdout: canvas,
      })
    : new Input({ message, ...(initial !== undefined && { initial }), stdout: canvas });

  const printAbove = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    open.clear(open.state.size);
    open.state.size = 0;
    draw(text.endsWith('\n') ? text : `${text}\n`);
    void open.render();
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
  const streams = [process.stdout, process.stderr].filter((stream) => stream.isTTY);
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = printAbove;
  try {
    return await open.run();
  } catch {
    throw new Interrupted('You ended it at the prompt.');
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
  }
};
