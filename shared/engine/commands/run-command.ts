import { setImmediate as nextTurn } from 'node:timers/promises';
import { runToEnd } from '../lesson/child-process.ts';
import { colourEnvironment } from '../terminal/style.ts';

const launcher = process.argv[1]!;

/** Throws away the keys that were pressed while a command ran that reads none: they were not meant for what comes next. */
const forgetTyped = async (): Promise<void> => {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  const forget = (): void => {};
  stdin.setRawMode(true);
  stdin.on('data', forget).resume();
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  stdin.off('data', forget).pause();
  stdin.setRawMode(false);
};

/**
 * Runs a command of the workbook in this terminal, and waits until it has ended. Ctrl-C meanwhile is for that command.
 */
export const runCommand = async (args: string[]): Promise<number> => {
  const leaveIt = (): void => {};
  process.on('SIGINT', leaveIt);
  try {
    const { code } = await runToEnd(process.execPath, [launcher, ...args], {
      env: colourEnvironment(),
      terminal: true,
    });
    await forgetTyped();
    return code ?? 1;
  } finally {
    process.off('SIGINT', leaveIt);
  }
};
