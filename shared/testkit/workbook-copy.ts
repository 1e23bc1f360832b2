import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../engine/lesson/paths.ts';
import { watched, type Ended, type Forgetful, type Running } from './watched-command.ts';

export type { Ended, Running };

/** What a command is given. */
export interface CommandOptions {
  /** What is piped in; nothing by default. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** A command in a terminal, with somebody who types. */
export interface AtTerminal extends Running, Forgetful {
  type(keys: string): void;
  resize(columns: number, rows: number): void;
}

/** Whether there is a way to start a command in a terminal of its own: `script`, as Linux has it. */
export const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** Keys as a terminal sends them. */
export const keys = { enter: '\r', up: '\u001B[A', down: '\u001B[B', escape: '\u001B', ctrlC: '\u0003' };

/** @returns a command line that a shell takes apart into these words */
const quotedForShell = (words: string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

/** A workbook of a learner, in a folder of its own whose name has spaces, brackets and letters beyond ASCII. */
export class WorkbookCopy {
  readonly #children: ChildProcess[] = [];
  readonly folder = path.join(mkdtempSync(path.join(tmpdir(), 'grpc-workbook-')), 'mein Übungsbuch (1)');

  constructor() {
    mkdirSync(this.folder);
    for (const name of [
      'lessons',
      'protos',
      'shared',
      'solutions',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'vitest.config.ts',
    ]) {
      cpSync(path.join(root, name), path.join(this.folder, name), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'), 'junction');
  }

  /** Reads a file, by its path from the workbook's top folder. */
  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  /** Puts the solution of a half in the learner's place, changed by one replacement. */
  solve(file: string, from: string | RegExp = '', to = ''): void {
    const solution = this.read(`solutions/${file}`);
    const changed = solution.replace(from, to);
    if (from !== '' && changed === solution) throw new Error(`${file} has no ${String(from)} to replace`);
    this.write(`lessons/${file}`, changed);
  }

  /** Puts the solutions of both halves of a lesson in the learner's place. */
  solveBoth(folder: string): void {
    for (const half of ['server', 'client']) this.solve(`${folder}/${half}.ts`);
  }

  /** Takes back what was written into the lessons. */
  restoreLessons(): void {
    cpSync(path.join(root, 'lessons'), path.join(this.folder, 'lessons'), { recursive: true });
  }

  remove(file: string): void {
    rmSync(path.join(this.folder, file), { recursive: true });
  }

  #watched(child: ChildProcess): ReturnType<typeof watched> {
    this.#children.push(child);
    return watched(child);
  }

  /** A command line: the program that its npm script starts, and the words behind it. */
  #commandLine([word, ...others]: string[]): string[] {
    const shared = path.join(this.folder, 'shared');
    return word === 'author'
      ? [path.join(shared, 'authors', 'launch.js'), ...others]
      : [path.join(shared, 'engine', 'cli', 'launch.js'), word!, ...others];
  }

  /** Makes an installation of its own, from which one package is missing. */
  installWithout(missing: string): void {
    const from = path.join(root, 'node_modules');
    const to = path.join(this.folder, 'node_modules');
    this.remove('node_modules');
    const link = (name: string): void => {
      if (name === missing) return;
      if (missing.startsWith(`${name}/`)) {
        mkdirSync(path.join(to, name));
        for (const inner of readdirSync(path.join(from, name))) link(`${name}/${inner}`);
      } else if (statSync(path.join(from, name)).isDirectory()) {
        symlinkSync(path.join(from, name), path.join(to, name), 'junction');
      } else {
        cpSync(path.join(from, name), path.join(to, name));
      }
    };
    mkdirSync(to);
    for (const name of readdirSync(from)) link(name);
  }

  /** Starts a command of the workbook, as its npm script does. */
  start(args: string[], { input, env, cwd }: CommandOptions = {}): Running {
    const child = spawn(process.execPath, this.#commandLine(args), {
      cwd: cwd ?? this.folder,
      env: { ...process.env, WORKBOOK_SEED: '1', FORCE_COLOR: '0', ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.end(input);
    return this.#watched(child);
  }

  /** Starts a program of TypeScript that lies in the workbook, without anything of the workbook around it. */
  startProgram(file: string, ...args: string[]): Running {
    const typescript = pathToFileURL(
      path.join(this.folder, 'shared', 'engine', 'loading', 'typescript-loader.js'),
    ).href;
    const child = spawn(process.execPath, ['--import', typescript, path.join(this.folder, file), ...args], {
      cwd: this.folder,
      env: { ...process.env, WORKBOOK_SEED: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return this.#watched(child);
  }

  /** Runs a command that may write no byte into any file. */
  withoutRoom(args: string[]): Promise<Ended> {
    const quoted = quotedForShell([process.execPath, ...this.#commandLine(args)]);
    const child = spawn('sh', ['-c', `ulimit -f 0; exec ${quoted}`], {
      cwd: this.folder,
      env: { ...process.env, WORKBOOK_SEED: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return this.#watched(child).ended;
  }

  /** Starts a command of the workbook in a terminal of its own. What is waited for is compared without its colours. */
  atTerminal(args: string[], width = 80, height = 24): AtTerminal {
    const quoted = quotedForShell([process.execPath, ...this.#commandLine(args)]);
    const sized = `tty > '${this.folder}/.tty'; stty rows ${height} cols ${width}; exec ${quoted}`;
    const child = spawn('script', ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'], {
      cwd: this.folder,
      env: { ...process.env, WORKBOOK_SEED: '1', NO_COLOR: '1', TERM: 'xterm', SHELL: '/bin/sh' },
      stdio: 'pipe',
    });
    const running = this.#watched(child);
    return {
      ...running,
      type: (typed) => void child.stdin.write(typed),
      resize: (columns, rows) =>
        void spawnSync('stty', [
          '-F',
          this.read('.tty').trim(),
          'rows',
          String(rows),
          'cols',
          String(columns),
        ]),
    };
  }

  /** Runs a command of the workbook to its end. */
  run(args: string[], options?: CommandOptions): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Ends what a failed test has left running, and takes the workbook away. */
  delete(): void {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(path.dirname(this.folder), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
