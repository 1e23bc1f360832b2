import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
import { root } from '../workbook/paths.ts';

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

/** What a command is given. */
export interface CommandOptions {
  /** What is piped in; nothing by default. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** A workbook of a learner, in a folder of its own whose name has spaces, brackets and letters beyond ASCII. */
export class WorkbookCopy {
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

  remove(file: string): void {
    rmSync(path.join(this.folder, file), { recursive: true });
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
    const launcher = path.join(this.folder, 'shared', 'workbook', 'launch.js');
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: cwd ?? this.folder,
      env: { ...process.env, FORCE_COLOR: '0', ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.end(input);
    let stdout = '';
    let stderr = '';
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
          const all = stdout + stderr;
          if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return;
          waiting.delete(look);
          resolve(all);
        };
        waiting.add(look);
        look();
        void ended.then(() =>
          reject(new Error(`ended without printing ${String(text)}:\n${stdout}${stderr}`)),
        );
      });
    return { child, printed, ended };
  }

  /** Runs a command of the workbook to its end. */
  run(args: string[], options?: CommandOptions): Promise<Ended> {
    return this.start(args, options).ended;
  }

  delete(): void {
    rmSync(path.dirname(this.folder), { recursive: true, force: true });
  }
}
