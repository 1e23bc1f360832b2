import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { vi } from 'vitest';
import { watched, type Ended, type Running } from '#testkit/watched-command.ts';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { answerOfBuf, bufCommand, type Answer, type How, type PythonHow } from './calls.ts';

/** Something that a Python script has seen. */
export interface Seen {
  /** What it was, for example the name of a call. */
  what: string;
  [key: string]: unknown;
}

/** A Python script that runs. */
export interface Script {
  /**
   * Waits until it has seen something, if it has not already.
   *
   * @param what - what it should be, with the values that it should have
   * @throws Error with what it says, when that does not come
   */
  saw(what: Partial<Seen>): Promise<Seen>;
  /** All that it has seen so far. */
  seen: Seen[];
  /** Hands it a line. */
  tell(line: string): void;
}

/** A server in Python, which takes calls. */
export interface PythonServer extends Script {
  port: unknown;
}

/** A solution's server, started by the learner's command. */
export interface Served {
  address: string;
  /** Waits until it has printed this. */
  printed: Running['printed'];
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Ended>;
}

const set = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error('These tests are run by: npm run author interop');
  return value;
};

/** How long a script may take to see what is waited for, in milliseconds: longer than any of its calls. */
const seenTimeoutMs = 40_000;

/** Where the solutions, gRPC for Python and buf meet. Everything that is started here ends with `close`. */
export class Stage {
  readonly workbook = new WorkbookCopy();
  readonly #children: ChildProcess[] = [];
  #client: Script | undefined;
  #calls = 0;

  /** Who calls the solutions' servers: what both do is proven once, for both. */
  readonly callers = [
    { name: 'Python', call: async (...args: [string, string, How?]) => (await this.python(...args)).ended },
    { name: 'buf', call: (...args: [string, string, How?]) => this.buf(...args) },
  ];

  #lesson(lesson: number, ...args: string[]): Running {
    const running = this.workbook.start(['lesson', String(lesson), ...args]);
    this.#children.push(running.child);
    return running;
  }

  /**
   * Starts a solution's server on a free port.
   *
   * @param lesson - the lesson's number
   * @param flags - how it is set up
   */
  async serve(lesson: number, ...flags: string[]): Promise<Served> {
    const server = this.#lesson(lesson, 'server', '--solution', '--port', '0', ...flags);
    const { child, printed, ended } = server;
    const [, port] = /listening on \S+:(\d+)\n/.exec(await printed(/listening on \S+:\d+\n/))!;
    const stop = (): Promise<Ended> => {
      child.kill('SIGINT');
      return ended;
    };
    return { address: `127.0.0.1:${port}`, printed, stop };
  }

  /**
   * Runs a solution's client to its end.
   *
   * @param lesson - the lesson's number
   * @param server - the one that it calls
   * @param flags - the answers to its questions
   */
  client(lesson: number, { port }: PythonServer, ...flags: string[]): Promise<Ended> {
    return this.#lesson(lesson, 'client', '--solution', '--port', String(port), ...flags).ended;
  }

  /** Starts a program in the workbook's copy, whose process is the only one: it can be killed. */
  program(file: string, ...args: string[]): Running {
    const running = this.workbook.startProgram(file, ...args);
    this.#children.push(running.child);
    return running;
  }

  /** Starts a script of `python/`. */
  script(name: string, ...args: string[]): Script {
    const file = inWorkbook('shared', 'authors', 'interop', 'python', name);
    const child = spawn(set('INTEROP_PYTHON'), ['-B', file, ...args], {
      env: { ...process.env, PYTHONPATH: set('INTEROP_STUBS') },
      stdio: 'pipe',
    });
    this.#children.push(child);
    const seen: Seen[] = [];
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    createInterface({ input: child.stdout }).on('line', (line) => seen.push(JSON.parse(line) as Seen));
    const saw = (what: Partial<Seen>): Promise<Seen> =>
      vi.waitFor(
        () => {
          const found = seen.find((each) =>
            Object.entries(what).every(([key, value]) => isDeepStrictEqual(each[key], value)),
          );
          if (found) return found;
          const [wanted, all] = [JSON.stringify(what), JSON.stringify(seen)];
          throw new Error(`${name} has not seen ${wanted}. It saw ${all}, and said: ${stderr}`);
        },
        { timeout: seenTimeoutMs, interval: 10 },
      );
    return { saw, seen, tell: (line) => void child.stdin.write(`${line}\n`) };
  }

  /**
   * Starts a server of `python/`.
   *
   * @param name - its file
   * @param args - what it is given
   * @returns the server, once it takes calls
   */
  async pythonServer(name: string, ...args: string[]): Promise<PythonServer> {
    const script = this.script(name, ...args);
    const { port } = await script.saw({ what: 'listening' });
    return { ...script, port };
  }

  /**
   * Begins a call with gRPC for Python.
   *
   * @param address - host and port
   * @param method - for example `hello.Hello/hello`
   * @returns the call, once there are headers of a stream of replies, or once any other call has begun
   */
  async python(address: string, method: string, how: PythonHow = {}): Promise<{ ended: Promise<Answer> }> {
    const { saw, tell } = (this.#client ??= this.script('client.py'));
    const id = (this.#calls += 1);
    tell(JSON.stringify({ id, address, method, ...how }));
    await saw({ what: 'begun', id });
    const ended = saw({ what: 'ended', id }).then((seen) => seen.answer as Answer);
    // Whoever leaves a test early does not wait for it.
    ended.catch(() => {});
    return { ended };
  }

  /**
   * Makes a call with buf.
   *
   * @param address - host and port
   * @param method - for example `hello.Hello/hello`
   */
  async buf(address: string, method: string, how: How = {}): Promise<Answer> {
    const child = spawn(set('INTEROP_BUF'), bufCommand(address, method, how), { stdio: 'pipe' });
    this.#children.push(child);
    child.stdin.end((how.send ?? [{}]).map((message) => JSON.stringify(message)).join('\n'));
    return answerOfBuf(await watched(child).ended);
  }

  /** Ends all that still runs, and waits until it has. */
  async close(): Promise<void> {
    const open = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      open.map((child) => {
        child.kill('SIGTERM');
        return once(child, 'close');
      }),
    );
    this.workbook.delete();
  }
}
