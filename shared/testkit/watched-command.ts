import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** How a command ended. */
export interface Ended {
  /** The exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that is under way. */
export interface Running {
  child: ChildProcess;
  /** Waits until this text has been printed. */
  printed(text: string | RegExp): Promise<string>;
  ended: Promise<Ended>;
}

/** Tells old output from new. */
export interface Forgetful {
  /** Forgets what has been printed so far: what is waited for from now on has to come anew. */
  forget(): void;
}

/** How long a command may take to print what is waited for, in milliseconds: busy machines are slow. */
const printTimeoutMs = 40_000;

/** Watches what a command prints. */
export const watched = (child: ChildProcess): Running & Forgetful => {
  let stdout = '';
  let stderr = '';
  let forgotten = 0;
  const waiting = new Set<() => void>();
  const collect = (chunk: unknown, add: (text: string) => void): void => {
    add(String(chunk));
    for (const look of waiting) look();
  };
  child.stdout!.on('data', (chunk) => collect(chunk, (text) => (stdout += text)));
  child.stderr!.on('data', (chunk) => collect(chunk, (text) => (stderr += text)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const printed = (text: string | RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const all = stripVTControlCharacters(stdout.slice(forgotten) + stderr);
        if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(all);
      };
      const giveUp = (what: string): void =>
        reject(
          new Error(
            `${what} ${String(text)}:\n${stripVTControlCharacters(stdout.slice(forgotten) + stderr)}`,
          ),
        );
      const timer = setTimeout(giveUp, printTimeoutMs, 'it has not printed');
      waiting.add(look);
      look();
      void ended.then(() => {
        clearTimeout(timer);
        giveUp('it ended without printing');
      });
    });
  const forget = (): void => {
    forgotten = stdout.length;
  };
  return { child, printed, ended, forget };
};
