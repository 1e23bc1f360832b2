import { CommanderError } from 'commander';
import { quietWhenClosed } from '../terminal/closed-pipe.ts';
import { indented } from '../terminal/style.ts';

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
 * @param run - parses the command line, runs what it asks for, and sets the exit code
 * @throws any other error that a command throws; the launcher explains it
 */
export const runCommandLine = async (run: () => Promise<unknown>): Promise<void> => {
  quietWhenClosed();
  try {
    await run();
  } catch (error) {
    const { name, message } = error as Error;
    // Commander has printed its help.
    if (error instanceof CommanderError) process.exitCode = 0;
    else if (!Object.hasOwn(exitCodes, name)) throw error;
    else process.exitCode = exitCodes[name]!;
    if (process.exitCode === 1 || process.exitCode === 2) console.error(indented(message, 0));
  }
  // Leaves even when a check loops on in its thread, but not before all that was printed has gone out.
  process.stdout.write('', () => process.exit());
};
