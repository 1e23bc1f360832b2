import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { WorkbookCopy, type Ended, type Running } from '#testkit/workbook-copy.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

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
   * @throws Error when it does not come, or the script ends without it
   */
  saw(what: Partial<Seen>): Promise<Seen>;
  /** All that it has seen so far. */
  seen: Seen[];
  /** Hands it a line. */
  tell(line: string): void;
  /**
   * Lets a server end, or a client come to its end.
   *
   * @returns all that it has seen
   * @throws Error with what it says, when it has failed
   */
  end(): Promise<Seen[]>;
}

/** A solution's server, started by the learner's command. */
export interface Served {
  address: string;
  port: string;
  /** Waits until it has printed this. */
  printed: Running['printed'];
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Ended>;
}

/** What buf says of a call. */
export interface BufReply {
  /** The messages that came. */
  replies: unknown[];
  /** The status, as buf writes it; undefined when it is OK. */
  error: { code: string; message: string; details?: { type: string }[] } | undefined;
}

/** How buf makes a call. */
export interface BufCall {
  /** What it sends, one message after the other. */
  send?: object[];
  /** Other flags. */
  flags?: string[];
  scheme?: 'http' | 'https';
}

const set = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error('These tests are run by: npm run author interop');
  return value;
};

/** How long a script may take to see what is waited for, in milliseconds. */
const answerTimeoutMs = 20_000;

/** Where the solutions, gRPC for Python and buf meet. Everything that is started here ends with `close`. */
export class Stage {
  readonly workbook = new WorkbookCopy();
  readonly #children: ChildProcess[] = [];

  /**
   * Starts a solution's server on a free port.
   *
   * @param lesson - the lesson's number
   * @param flags - how it is set up
   */
  async serve(lesson: number, ...flags: string[]): Promise<Served> {
    const { child, printed, ended } = this.workbook.start([
      'lesson',
      String(lesson),
      'server',
      '--solution',
      '--port',
      '0',
      ...flags,
    ]);
    this.#children.push(child);
    const port = /listening on \S+:(\d+)/.exec(await printed(/listening on \S+:\d+\n/))![1]!;
    const stop = (): Promise<Ended> => {
      child.kill('SIGINT');
      return ended;
    };
    return { address: `127.0.0.1:${port}`, port, printed, stop };
  }

  /**
   * Runs a solution's client to its end.
   *
   * @param lesson - the lesson's number
   * @param port - where its server is
   * @param flags - the answers to its questions
   */
  client(lesson: number, port: unknown, ...flags: string[]): Promise<Ended> {
    const args = ['lesson', String(lesson), 'client', '--solution', '--port', String(port), ...flags];
    const { child, ended } = this.workbook.start(args);
    this.#children.push(child);
    return ended;
  }

  /**
   * Starts a script of `python/`.
   *
   * @param name - its file
   * @param args - what it is given
   */
  python(name: string, ...args: string[]): Script {
    const child = spawn(
      set('INTEROP_PYTHON'),
      ['-B', inWorkbook('shared', 'authors', 'interop', 'python', name), ...args],
      { env: { ...process.env, PYTHONPATH: set('INTEROP_STUBS') }, stdio: 'pipe' },
    );
    this.#children.push(child);
    const seen: Seen[] = [];
    const looking = new Set<() => void>();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      seen.push(JSON.parse(line) as Seen);
      for (const look of looking) look();
    });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const failed = (why: string): Error =>
      new Error(`${name} ${why}. It saw ${JSON.stringify(seen)}, and said: ${stderr}`);
    const saw = (what: Partial<Seen>): Promise<Seen> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = seen.find((each) =>
            Object.entries(what).every(([key, value]) => JSON.stringify(each[key]) === JSON.stringify(value)),
          );
          if (!found) return;
          looking.delete(look);
          clearTimeout(timer);
          resolve(found);
        };
        const giveUp = (why: string): void => {
          clearTimeout(timer);
          reject(failed(`${why} ${JSON.stringify(what)}`));
        };
        const timer = setTimeout(giveUp, answerTimeoutMs, 'has not seen');
        looking.add(look);
        look();
        void ended.then(() => giveUp('has ended without seeing'));
      });
    const end = async (): Promise<Seen[]> => {
      child.stdin.end();
      if ((await ended) !== 0) throw failed('has failed');
      return seen;
    };
    return { saw, seen, tell: (line) => void child.stdin.write(`${line}\n`), end };
  }

  /**
   * Runs a client of `python/` to its end.
   *
   * @returns what it has seen, by what it was
   * @throws Error with what it says, when it has failed
   */
  async pythonClient(name: string, ...args: string[]): Promise<Record<string, Seen>> {
    const seen = await this.python(name, ...args).end();
    return Object.fromEntries(seen.map((each) => [each.what, each]));
  }

  /**
   * Makes a call with buf.
   *
   * @param address - host and port
   * @param method - for example `hello.Hello/hello`
   */
  async buf(
    address: string,
    method: string,
    { send = [{}], flags = [], scheme = 'http' }: BufCall = {},
  ): Promise<BufReply> {
    const data = send.map((message) => JSON.stringify(message)).join('\n');
    const child = spawn(
      set('INTEROP_BUF'),
      [
        'curl',
        '--protocol=grpc',
        '--http2-prior-knowledge',
        `--schema=${inWorkbook('protos')}`,
        '--data=@-',
        ...flags,
        `${scheme}://${address}/${method}`,
      ],
      { stdio: 'pipe' },
    );
    this.#children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdin.end(data);
    const [code] = (await once(child, 'close')) as [number | null];
    // From 8 on it is a status; below, buf itself could not.
    if (code !== 0 && (code === null || code < 8)) throw new Error(`buf has failed: ${stderr}`);
    return {
      replies: stdout
        .split(/^(?=\{)/m)
        .filter((text) => text !== '')
        .map((text): unknown => JSON.parse(text)),
      error: code === 0 ? undefined : (JSON.parse(stderr) as BufReply['error']),
    };
  }

  /** @returns the path of a file in the copy of the workbook */
  file(...names: string[]): string {
    return path.join(this.workbook.folder, ...names);
  }

  /** Ends all that still runs, and waits until it has. */
  async close(): Promise<void> {
    const open = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      open.map((child) => {
        // A script of Python ends with its input; SIGTERM is for those that are past listening to it.
        child.kill('SIGTERM');
        return once(child, 'close');
      }),
    );
    this.workbook.delete();
  }
}
