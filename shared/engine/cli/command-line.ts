import { quietWhenClosed } from '../terminal/closed-output.ts';
import { didYouMean, UsageError } from '../terminal/usage-error.ts';

/** What can be asked for, by the first word of a command line. Each takes the words behind it, and returns an exit code. */
export type Commands = Readonly<Record<string, (args: string[]) => Promise<number>>>;

/** @throws UsageError when there are words that the command does not take */
export const refuse = (args: string[], why: string): void => {
  if (args.length > 0) throw new UsageError(`"${args.join(' ')}" is not understood here: ${why}`);
};

/** Errors that say all there is to say, by name, and the exit code of a command that ends with one. */
const exitCodes: Readonly<Record<string, number>> = {
  UsageError: 2,
  CannotUseTool: 1,
  CannotWrite: 1,
  CannotGenerate: 1,
  Interrupted: 130,
};

/**
 * Runs one command, and ends the process with its exit code.
 *
 * @param commands - what can be asked for
 * @param words - the command line, the command's name first
 * @param byDefault - the command to run when there is no word
 * @param helpFor - the text to print in place of running a command; undefined when nobody has asked for help
 * @throws any other error that a command throws; the launcher explains it
 */
export const runCommandLine = async (
  commands: Commands,
  [name = '', ...args]: readonly string[],
  byDefault: string,
  helpFor: (name: string, args: string[]) => string | undefined,
): Promise<void> => {
  quietWhenClosed();
  const run = async (): Promise<number> => {
    const word = name === '' ? byDefault : name;
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (!command) {
      throw new UsageError(`There is no command "${word}".${didYouMean(word, Object.keys(commands))}`);
    }
    const help = helpFor(word, args);
    if (help === undefined) return command(args);
    console.log(help);
    return 0;
  };
  let code: number;
  try {
    code = await run();
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (!Object.hasOwn(exitCodes, kind)) throw error;
    if (kind !== 'Interrupted') console.error(message);
    code = exitCodes[kind]!;
  }
  // Leaves even when a check loops on in its thread, but not before all that was printed has gone out.
  process.stdout.write('', () => process.exit(code));
};
