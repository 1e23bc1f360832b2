import { onTestFinished, vi } from 'vitest';
import { printing } from '#kit/captured-output.ts';

/** The script has called `process.exit`. */
class Exited extends Error {}

/**
 * Runs a file that works while it is loaded, in this process, as `node` would with these arguments.
 *
 * @param load - imports the file
 * @param args - what follows its name on the command line
 * @returns the exit code, and what it has printed
 */
export const runScript = async (
  load: () => Promise<unknown>,
  args: readonly string[],
): Promise<{ code: number; printed: string[] }> => {
  const { argv, exitCode } = process;
  const printed = printing();
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    process.exitCode = code ?? 0;
    throw new Exited();
  });
  onTestFinished(() => {
    exit.mockRestore();
    Object.assign(process, { argv, exitCode });
  });
  process.argv = [argv[0]!, 'script', ...args];
  process.exitCode = undefined;
  vi.resetModules();
  try {
    await load();
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
  }
  return { code: Number(process.exitCode ?? 0), printed };
};
