import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { colourEnvironment } from '../terminal/style.ts';

const launcher = fileURLToPath(new URL('./launch.js', import.meta.url));

/**
 * Runs a command of the workbook in this terminal, and waits until it has ended. Ctrl-C meanwhile is for that command.
 *
 * @param args - as an npm script would hand them to the launcher, for example `['lesson', '3', 'check']`
 * @returns its exit code
 */
export const runCommand = async (args: string[]): Promise<number> => {
  const leaveIt = (): void => {};
  process.on('SIGINT', leaveIt);
  try {
    const child = spawn(process.execPath, [launcher, ...args], {
      env: colourEnvironment(),
      stdio: 'inherit',
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } finally {
    process.off('SIGINT', leaveIt);
  }
};
