import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Seen } from '../grade.ts';
import { checksOf, type Lesson } from '../../lesson/lessons.ts';
import { root } from '../../lesson/paths.ts';
import type { FromChecks } from './process-messages.ts';

const entry = fileURLToPath(new URL('./checks-main.js', import.meta.url));

/** How much of its standard error is kept, in characters. */
const maxStderrLength = 2_000;

/** The checks of a lesson, ready to be run at any moment. */
export class ChecksProcess {
  readonly #file: string;
  #child: ChildProcess | undefined;
  #stderr = '';

  constructor({ folder }: Lesson) {
    this.#file = checksOf(folder);
    this.#begin();
  }

  /** Ends with the watch, however that ends: the child notices that the channel is gone. */
  #begin(): ChildProcess {
    this.#stderr = '';
    const child = spawn(process.execPath, [entry, this.#file], {
      cwd: root,
      // What an answer prints is in the grade; on the screen it would overwrite the watch.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr!.on('data', (chunk) => {
      this.#stderr = `${this.#stderr}${String(chunk)}`.slice(-maxStderrLength);
    });
    this.#child = child;
    return child;
  }

  /** Runs the checks. Only one run at a time. @returns what was seen, by file */
  async run(changed: string[]): Promise<Map<string, Seen>> {
    return new Map([[this.#file, await this.#run(changed)]]);
  }

  async #run(changed: string[]): Promise<Seen> {
    const child = this.#child ?? this.#begin();
    const outcome = await new Promise<FromChecks | undefined>((resolve) => {
      const gone = (): void => resolve(undefined);
      child.once('exit', gone);
      child.once('message', (message) => {
        child.off('exit', gone);
        resolve(message as FromChecks);
      });
      child.send({ changed }, (error) => error && gone());
    });
    if (outcome?.ended) return outcome.seen;
    // An answer that loops holds its thread: only ending the process frees it. The next one is ready for the next save.
    child.kill('SIGKILL');
    const why = this.#stderr.trim().split('\n').at(-1);
    if (this.#child === child) this.#begin();
    return (
      outcome?.seen ?? { checks: [], output: [], broken: `they ended by themselves${why ? `: ${why}` : ''}` }
    );
  }

  close(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }
}
