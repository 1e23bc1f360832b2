import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeEach } from 'vitest';
import type { Half } from '../engine/lesson/paths.ts';
import {
  WorkbookCopy,
  type AtTerminal,
  type CommandOptions,
  type Ended,
  type Running,
} from './workbook-copy.ts';

/** What is written in a half, and what an experiment puts in its place. */
export type Edit = [from: string, to: string];

/** A server that runs by itself, and where. */
export interface RunningServer extends Running {
  /** The flags that lead a client to it. */
  there: string[];
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Ended>;
}

/** The workbook of somebody who has finished a lesson and all before it, and now breaks it. */
export interface Experiment {
  workbook: WorkbookCopy;
  /** Changes a half. Each edit has to fit exactly one place. */
  change(half: Half, ...edits: Edit[]): void;
  /** Runs both halves, as `npm run lesson:N -- …` does. */
  pair(args?: string[], options?: CommandOptions): Promise<Ended>;
  /** Starts both halves and goes on. */
  startPair(args?: string[], options?: CommandOptions): Running;
  /** Starts the server by itself, on a free port. */
  server(args?: string[]): Promise<RunningServer>;
  /**
   * Starts the server in a program of its own that does nothing else: what happens then is plain grpc-js.
   * `values` are those of the lesson's settings.
   */
  plainServer(values?: Record<string, string>): Promise<RunningServer>;
  /** Starts the client by itself. `there` comes from the server. */
  client(there: string[], args?: string[], options?: CommandOptions): Running;
  /** Starts the pair in a terminal of its own, or the half that `args` begin with. */
  atTerminal(args: string[]): AtTerminal;
  /** Grades the lesson, as `npm run lesson:N check` does; the output. */
  check(): Promise<string>;
}

/**
 * For the tests of one lesson's "Break it": every test begins with both halves finished, and with nothing that the
 * workbook keeps, such as a database.
 *
 * @param lesson - the lesson's folder, such as 01-unary-hello
 */
export const experimentsOf = (lesson: string): Experiment => {
  const number = String(Number(lesson.slice(0, 2)));
  const workbook = new WorkbookCopy();
  const running = new Set<Running>();

  const tended = <R extends Running>(command: R): R => {
    running.add(command);
    void command.ended.then(() => running.delete(command));
    return command;
  };
  const started = (args: string[], options?: CommandOptions): Running =>
    tended(workbook.start(['lesson', number, ...args], options));

  const listening = async (server: Running): Promise<RunningServer> => {
    const port = /:(\d+)/.exec(await server.printed(/listening on .*:\d+/))![1]!;
    return {
      ...server,
      there: ['--port', port],
      stop: () => {
        server.child.kill('SIGINT');
        return server.ended;
      },
    };
  };

  beforeEach(() => {
    // Some lessons use those before them.
    for (const folder of readdirSync(path.join(workbook.folder, 'solutions'))) {
      if (folder > lesson) continue;
      for (const half of ['server', 'client']) workbook.solve(`${folder}/${half}.ts`);
    }
    if (existsSync(path.join(workbook.folder, '.workbook'))) workbook.remove('.workbook');
  });
  afterEach(async () => {
    for (const command of running) command.child.kill('SIGINT');
    await Promise.all([...running].map(({ ended }) => ended));
  });
  afterAll(() => workbook.delete());

  return {
    workbook,
    change: (half, ...edits) => {
      const file = `lessons/${lesson}/${half}.ts`;
      let text = workbook.read(file);
      for (const [from, to] of edits) {
        const places = text.split(from).length - 1;
        if (places !== 1) throw new Error(`${file} has ${places} places with ${from}`);
        text = text.replace(from, () => to);
      }
      workbook.write(file, text);
    },
    pair: (args = [], options) => started(args, options).ended,
    startPair: (args = [], options) => started(args, options),
    server: (args = []) => listening(started(['server', '--port', '0', ...args])),
    plainServer: (values = {}) => {
      workbook.write(
        'plain.ts',
        `import { start } from './lessons/${lesson}/server.ts';
const { port } = await start('127.0.0.1:0', ${JSON.stringify(values)});
console.log('listening on 127.0.0.1:' + port);
`,
      );
      return listening(tended(workbook.startProgram('plain.ts')));
    },
    client: (there, args = [], options) => started(['client', ...there, ...args], options),
    atTerminal: (args) => tended(workbook.atTerminal(['lesson', number, ...args])),
    check: async () => {
      const { stdout, stderr } = await started(['check']).ended;
      return stdout + stderr;
    },
  };
};

/**
 * @param grades - what a check has printed
 * @returns the numbers of the steps that failed
 */
export const failedSteps = (grades: string): number[] =>
  [...grades.matchAll(/^ +failed +Step (\d+) /gm)].map(([, step]) => Number(step));

/** With this a prompt takes back what it has written in its line. */
const lineErased = '\u001B[2K\u001B[1G';

/**
 * @param printed - what a command has printed, into a pipe or at a terminal
 * @returns its lines, as they stand there in the end; empty ones are left out
 */
export const linesOf = (printed: string): string[] =>
  printed
    .split(/\r?\n/)
    .map((line) => stripVTControlCharacters(line.split(lineErased).at(-1)!))
    .filter((line) => line !== '');

/**
 * @param printed - what a pair has printed
 * @returns the server's lines of it, without their mark and without the first, which tells the port
 */
export const serverLinesOf = (printed: string): string[] =>
  linesOf(printed)
    .filter((line) => line.startsWith('[server] '))
    .map((line) => line.slice('[server] '.length))
    .filter((line) => !line.startsWith('listening on '));
