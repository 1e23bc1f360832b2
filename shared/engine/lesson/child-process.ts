import { spawn } from 'node:child_process';
import { root } from './paths.ts';

/** What has come of a program. */
export interface Ended {
  /** Its exit code; 1 when something has ended it, undefined when it could not be started. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** How to run a program. */
export interface RunToEndOptions {
  /** The folder that it runs in: the workbook's top folder, unless another is named. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Whether it has this terminal; what it prints is not kept then. */
  terminal?: boolean;
  /** How long it may take, in milliseconds. */
  timeout?: number;
}

/** Runs a program, and waits until it has ended. It ends with this process at the latest. */
export const runToEnd = (
  program: string,
  args: readonly string[],
  { terminal = false, cwd = root, ...options }: RunToEndOptions = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const stdio = terminal ? 'inherit' : (['ignore', 'pipe', 'pipe'] as const);
    const child = spawn(program, args, { ...options, cwd, stdio: stdio as 'pipe', windowsHide: !terminal });
    const end = (): void => void child.kill();
    process.once('exit', end);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
    const settle = (code: number | undefined): void => {
      process.off('exit', end);
      resolve({ code, stdout, stderr });
    };
    child.once('error', () => settle(undefined));
    child.once('close', (code) => settle(code ?? 1));
  });
