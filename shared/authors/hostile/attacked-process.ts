import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { root } from '../../engine/lesson/paths.ts';
import type { AttackedService } from './attacked-services.ts';

/** The solutions' servers as they are, or under the workbook's watch, as `npm run lesson:N` runs them. */
export type Variant = 'bare' | 'watched';

/** What the process can be asked. */
export type Question = 'faults' | 'state' | 'stop';

/** How the process of the servers is. */
export interface State {
  /** The memory that JavaScript and its buffers hold after a garbage collection, in bytes. */
  held: number;
  /** What is open or kept. */
  open: { connections: number; timers: number; calls: number; subscribers: number };
}

const entry = fileURLToPath(new URL('./attacked-main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** The process in which the servers under attack are: all of them in one, so that what harms one harms all. */
export class AttackedProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<never>;
  readonly #ports: Record<string, number>;
  readonly #folder: string;
  readonly #codes = new Map<string, string>();
  readonly #waiting = new Map<string, (code: string) => void>();

  private constructor(
    child: ChildProcess,
    gone: Promise<never>,
    { ports, folder }: { ports: Record<string, number>; folder: string },
  ) {
    this.#child = child;
    this.#gone = gone;
    this.#ports = ports;
    this.#folder = folder;
    createInterface(child.stdout!).on('line', (line) => {
      const [, number, code] = /^SMS to (\S+): your code is (\d{6})$/.exec(line) ?? [];
      if (number === undefined) return;
      this.#codes.set(number, code!);
      this.#waiting.get(number)?.(code!);
    });
  }

  /**
   * @param variant - how the servers are run
   * @returns the process, once all servers take calls
   * @throws Error when it ends before that
   */
  static async start(variant: Variant = 'watched'): Promise<AttackedProcess> {
    const child = spawn(
      process.execPath,
      // v8.queryObjects() is experimental, and says so.
      [
        '--conditions=solutions',
        '--expose-gc',
        '--disable-warning=ExperimentalWarning',
        '--import',
        tsx,
        entry,
        variant,
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`the servers' process ended with code ${String(code)}`);
    });
    gone.catch(() => {});
    const [up] = (await Promise.race([once(child, 'message'), gone])) as [never];
    return new AttackedProcess(child, gone, up);
  }

  /** @returns host and port of a server */
  addressOf({ name }: Pick<AttackedService, 'name'>): string {
    return `127.0.0.1:${this.#ports[name]}`;
  }

  /** @returns what a user of lesson 10 shows, and whom they trust */
  certificates(): { ca: Buffer; cert: Buffer; key: Buffer } {
    const read = (file: string): Buffer => readFileSync(path.join(this.#folder, 'certificates', file));
    return { ca: read('ca.crt'), cert: read('ada.crt'), key: read('ada.key') };
  }

  /** @returns the code that a phone has got by SMS, or gets */
  async codeFor(number: string): Promise<string> {
    const came = this.#codes.get(number);
    if (came !== undefined) return came;
    const comes = new Promise<string>((resolve) => this.#waiting.set(number, resolve));
    return Promise.race([comes, this.#gone]);
  }

  async #ask<T>(question: Question): Promise<T> {
    this.#child.send(question);
    const [answer] = await Promise.race([once(this.#child, 'message'), this.#gone]);
    return answer as T;
  }

  /**
   * @returns what went wrong in its code so far, each in words
   * @throws Error when the process has ended
   */
  faults(): Promise<string[]> {
    return this.#ask('faults');
  }

  /**
   * @returns how the process is. It takes half a second to find out
   * @throws Error when the process has ended
   */
  state(): Promise<State> {
    return this.#ask('state');
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.send('stop');
    await gone;
  }
}

/** What the tests of one file attack. */
export interface Servers {
  /** The process that they are in, once the tests have begun. */
  readonly process: AttackedProcess;
}

/**
 * Has the servers run as long as the tests of a file, or of a `describe`.
 *
 * @param variant - how they are run
 */
export const attackedServers = (variant?: Variant): Servers => {
  let process: AttackedProcess | undefined;
  beforeAll(async () => {
    process = await AttackedProcess.start(variant);
  });
  afterAll(() => process?.stop());
  return {
    get process() {
      return process!;
    },
  };
};
