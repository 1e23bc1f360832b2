import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { root } from '../../../engine/lesson/paths.ts';

/** The services that are measured. */
export type Service = 'hello' | 'chat' | 'live-chat' | 'users' | 'phone-otp' | 'access';

/**
 * Who serves: the lesson's solution; the same under the workbook's watch, as `npm run lesson:N` runs it; a bare
 * grpc-js server that does the same on the wire with no logic; or the same chat over WebSockets.
 */
export type Variant = 'workbook' | 'watched' | 'bare' | 'ws';

/** The code that the measured phone OTP server always makes: the load has no phone to read it from. */
export const knownCode = '123456';

/** The key that signs the token of the load, for both processes: 32 bytes in base64. */
export const knownKey = Buffer.alloc(32, 'a key of the benchmark').toString('base64');

/** What a server of the benchmark has used so far. */
export interface Usage {
  /** Processor time, in microseconds. */
  cpu: number;
  /** Memory after a garbage collection, in bytes: of the whole process, and what JavaScript and its buffers hold. */
  resident: number;
  held: number;
}

const entry = fileURLToPath(new URL('./server.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** The processes that are alive: they end with this one, whatever ends it. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A server of the benchmark, in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly address: string;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /**
   * @returns the server, once it takes calls
   * @throws Error when its process ends before that
   */
  static async start(service: Service, variant: Variant): Promise<ServerProcess> {
    const child = spawn(
      process.execPath,
      ['--conditions=solutions', '--expose-gc', '--import', tsx, entry, service, variant],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`the ${variant} server of ${service} ended with code ${String(code)}`);
    });
    gone.catch(() => {});
    const [port] = (await Promise.race([once(child, 'message'), gone])) as [number];
    return new ServerProcess(child, `127.0.0.1:${port}`);
  }

  /** @returns what the server has used so far */
  async usage(): Promise<Usage> {
    this.#child.send('usage');
    const [usage] = (await once(this.#child, 'message')) as [Usage];
    return usage;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.send('stop');
    await gone;
  }
}
