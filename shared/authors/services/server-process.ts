import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { root } from '../../engine/lesson/paths.ts';
import type { ServiceName } from './lesson-servers.ts';

/**
 * Who serves: the lessons' solutions; the same under the workbook's watch, as `npm run lesson:N` runs them; a bare
 * grpc-js server that does the same on the wire with no logic; or the same chat over WebSockets.
 */
export type Variant = 'workbook' | 'watched' | 'bare' | 'ws';

/** What the process of the servers has used so far. */
export interface Usage {
  /** Processor time, in microseconds. */
  cpu: number;
  /** Memory after a garbage collection, in bytes: of the whole process, and what JavaScript and its buffers hold. */
  resident: number;
  held: number;
}

/** How many of each are open or kept in the process of the servers. */
export type Open = Record<'connections' | 'timers' | 'calls' | 'subscribers', number>;

/** What the process can be asked. */
export interface Answers {
  usage: Usage;
  /** It takes half a second to find out. */
  open: Open;
  /** What went wrong in its code so far, each in words. */
  faults: string[];
}

/** What the process says once all its servers take calls. */
export interface Up {
  ports: Partial<Record<ServiceName, number>>;
  /** Where the servers keep what they keep. */
  folder: string;
}

const tsx = import.meta.resolve('tsx');
const entry = fileURLToPath(new URL('./server-main.ts', import.meta.url));

/** The processes that are alive: they end with this one, whatever ends it. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process of servers: all of them in one, so that what harms one harms all. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<never>;
  #up!: Up;
  readonly #codes = new Map<string, string>();
  readonly #sms = new EventEmitter().setMaxListeners(0);

  private constructor(variant: Variant, names: readonly ServiceName[]) {
    this.#child = spawn(
      process.execPath,
      // v8.queryObjects() is experimental, and says so.
      `--conditions=solutions --expose-gc --disable-warning=ExperimentalWarning --import ${tsx}`
        .split(' ')
        .concat(entry, variant, names),
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    alive.add(this.#child);
    this.#gone = once(this.#child, 'exit').then(([code]) => {
      alive.delete(this.#child);
      throw new Error(`the ${variant} servers' process ended with code ${String(code)}`);
    });
    this.#gone.catch(() => {});
    createInterface(this.#child.stdout!).on('line', (line) => {
      const [, number, code] = /^SMS to (\S+): your code is (\d{6})$/.exec(line) ?? [];
      if (number === undefined) return;
      this.#codes.set(number, code!);
      this.#sms.emit(number, code);
    });
  }

  /**
   * @param variant - who serves
   * @param names - which services
   * @returns the process, once all servers take calls
   * @throws Error when it ends before that
   */
  static async start(variant: Variant, names: readonly ServiceName[]): Promise<ServerProcess> {
    const started = new ServerProcess(variant, names);
    started.#up = await started.#next();
    return started;
  }

  async #next<T>(): Promise<T> {
    const [message] = (await Promise.race([once(this.#child, 'message'), this.#gone])) as [T];
    return message;
  }

  /** @returns host and port of a server */
  addressOf(name: ServiceName): string {
    return `127.0.0.1:${this.#up.ports[name]}`;
  }

  /** @returns what a user of lesson 10 shows, and whom they trust */
  certificates(): { ca: Buffer; cert: Buffer; key: Buffer } {
    const read = (file: string): Buffer => readFileSync(path.join(this.#up.folder, 'certificates', file));
    return { ca: read('ca.crt'), cert: read('ada.crt'), key: read('ada.key') };
  }

  /** @returns the code that a phone has got by SMS, or gets */
  async codeFor(number: string): Promise<string> {
    const came = this.#codes.get(number);
    if (came !== undefined) return came;
    const [code] = (await Promise.race([once(this.#sms, number), this.#gone])) as [string];
    return code;
  }

  /**
   * @returns what the process answers; one question at a time
   * @throws Error when it has ended
   */
  ask<Question extends keyof Answers>(question: Question): Promise<Answers[Question]> {
    this.#child.send(question);
    return this.#next();
  }

  /** @throws Error when something went wrong in the code of the servers */
  async stop(): Promise<void> {
    const faults = await this.ask('faults');
    const gone = this.#gone.catch(() => {});
    this.#child.disconnect();
    await gone;
    if (faults.length > 0) throw new Error(`the servers failed: ${faults.join('\n')}`);
  }
}
