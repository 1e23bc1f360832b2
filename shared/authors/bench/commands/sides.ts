/** Both sides of each comparison: the workbook, and the same done by hand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { inWorkbook } from '../../../engine/lesson/paths.ts';

/** One side of a row, ready to be timed again and again. */
export interface Side {
  /** Does it once. @returns how long it took, in milliseconds */
  time(): Promise<number>;
  /** Ends what still runs. */
  end?(): Promise<void>;
}

const tsx = import.meta.resolve('tsx');
const vitest = inWorkbook('node_modules', 'vitest', 'vitest.mjs');
export const launcher = path.join('shared', 'engine', 'cli', 'launch.js');
const byHand = (name: string): string => path.join('shared', 'authors', 'bench', 'commands', 'by-hand', name);

/** What runs, or is there, until this process ends: whatever ends it, nothing stays behind. */
const running = new Set<ChildProcess>();
export const copies = new Set<WorkbookCopy>();
export const leaveNothing = (): void => {
  for (const child of running) child.kill('SIGKILL');
  for (const copy of copies) copy.delete();
};

/** Keeps an eye on a process until it has ended. */
const tracked = (child: ChildProcess): ChildProcess => {
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
};

/** Starts Node.js in a workbook, without a terminal and without colours. */
const node = ({ folder }: WorkbookCopy, args: string[]): ChildProcess => {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  return tracked(spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }));
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (running.has(child)) await once(child, 'close');
};

/**
 * Times how long it takes from an act until a process prints a text.
 *
 * @param act - starts the process, or does something to which it answers; what it has printed before does not count
 * @param text - what to wait for
 * @returns milliseconds
 * @throws Error when the process ends without it
 */
const timeUntil = (act: () => ChildProcess, text: RegExp): Promise<number> =>
  new Promise((resolve, reject) => {
    let output = '';
    const began = performance.now();
    const child = act();
    const outputs = [child.stdout!, child.stderr!];
    const gone = (): void =>
      reject(new Error(`${child.spawnargs.join(' ')} ended without printing ${text}:\n${output}`));
    const look = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!text.test(output)) return;
      for (const stream of outputs) stream.off('data', look);
      child.off('close', gone);
      resolve(performance.now() - began);
    };
    for (const stream of outputs) stream.on('data', look);
    child.once('close', gone);
  });

/** @returns a function that saves lesson 1's server with another line changed each time: nothing may be known already */
const saving = (copy: WorkbookCopy): (() => void) => {
  const file = 'lessons/01-unary-hello/server.ts';
  const text = copy.read(file);
  let saves = 0;
  return () => {
    saves += 1;
    copy.write(file, `${text}\n// Saved ${saves} times.\n`);
  };
};

/** A process that checks what has just been saved, to its end, and must end well. */
export const checking = (copy: WorkbookCopy, args: string[]): Side => {
  const save = saving(copy);
  return {
    time: async () => {
      save();
      const began = performance.now();
      const child = node(copy, args);
      for (const stream of [child.stdout!, child.stderr!]) stream.resume();
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`${args.join(' ')} ended with code ${String(code)}`);
      return performance.now() - began;
    },
  };
};

/**
 * A process that watches lesson 1, and checks it again after each save of its server.
 *
 * @param start - starts it
 * @param verdict - what it prints in the end, each time
 * @param leave - ends it
 */
const watching = async (
  copy: WorkbookCopy,
  start: () => ChildProcess,
  verdict: RegExp,
  leave: () => void,
): Promise<Side> => {
  const save = saving(copy);
  let child: ChildProcess | undefined;
  await timeUntil(() => (child = start()), verdict);
  return {
    time: () =>
      timeUntil(() => {
        save();
        return child!;
      }, verdict),
    end: async () => {
      leave();
      await ended(child!);
    },
  };
};

export const vitestArgs = (command: 'run' | 'watch'): string[] => [
  vitest,
  command,
  '--config',
  byHand('vitest.config.ts'),
];

export const vitestWatching = (copy: WorkbookCopy): Promise<Side> => {
  const child = node(copy, vitestArgs('watch'));
  return watching(
    copy,
    () => child,
    /Tests +\d+ passed/,
    () => child.kill(),
  );
};

/** It shows the keys again when the verdict is there, and needs a terminal. */
export const watchOfTheWorkbook = (copy: WorkbookCopy): Promise<Side> => {
  const terminal = copy.atTerminal(['lesson', '1', 'watch']);
  return watching(
    copy,
    () => tracked(terminal.child),
    /q quit/,
    () => terminal.type('q'),
  );
};

/** @returns a port that nobody listens on now */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** What lesson 1's client prints in the end. */
const reply = /^Hello World\r?$/m;

export const pairOfTheWorkbook = (copy: WorkbookCopy): Side => ({
  time: async () => {
    let child: ChildProcess | undefined;
    const time = await timeUntil(() => (child = node(copy, [launcher, 'lesson', '1'])), reply);
    await ended(child!);
    return time;
  },
});

/** Both halves started at once, as in two terminals; the client calls as soon as the server is up. */
export const pairByHand = (copy: WorkbookCopy): Side => ({
  time: async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const start = (file: string): ChildProcess => node(copy, ['--import', tsx, byHand(file), address]);
    let server: ChildProcess | undefined;
    let client: ChildProcess | undefined;
    const time = await timeUntil(() => {
      server = start('server.ts');
      return (client = start('client.ts'));
    }, reply);
    await ended(client!);
    server!.kill();
    await ended(server!);
    return time;
  },
});

/** A workbook in which lesson 1 is finished. */
export const finished = (): WorkbookCopy => {
  const copy = new WorkbookCopy();
  copies.add(copy);
  for (const half of ['server', 'client']) copy.solve(`01-unary-hello/${half}.ts`);
  return copy;
};
