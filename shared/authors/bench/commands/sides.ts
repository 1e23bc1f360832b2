/** Both sides of each comparison: the workbook, and the same done by hand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { watched, type Forgetful, type Running } from '#testkit/watched-command.ts';
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

/** What is there until this process ends: whatever ends it, nothing stays behind. */
const children = new Set<ChildProcess>();
const copies = new Set<WorkbookCopy>();
export const leaveNothing = (): void => {
  for (const child of children) child.kill('SIGKILL');
  for (const copy of copies) copy.delete();
};

/** Starts Node.js in a workbook, without a terminal and without colours. */
const node = ({ folder }: WorkbookCopy, args: string[]): Running & Forgetful => {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return watched(child);
};

/** @returns how long it takes, in milliseconds */
const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await act();
  return performance.now() - began;
};

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
    time: () => {
      save();
      return timed(async () => {
        const { code, stdout, stderr } = await node(copy, args).ended;
        if (code !== 0) throw new Error(`${args.join(' ')} ended with code ${code}:\n${stdout}${stderr}`);
      });
    },
  };
};

/**
 * A process that watches lesson 1, and checks it again after each save of its server.
 *
 * @param verdict - what it prints in the end, each time
 * @param leave - ends it
 */
const watching = async (
  copy: WorkbookCopy,
  { printed, forget, ended }: Running & Forgetful,
  verdict: RegExp,
  leave: () => unknown,
): Promise<Side> => {
  const save = saving(copy);
  await printed(verdict);
  return {
    time: () => {
      forget();
      return timed(() => {
        save();
        return printed(verdict);
      });
    },
    end: async () => {
      leave();
      await ended;
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
  const running = node(copy, vitestArgs('watch'));
  return watching(copy, running, /Tests +\d+ passed/, () => running.child.kill());
};

/** It shows the keys again when the verdict is there, and needs a terminal. */
export const watchOfTheWorkbook = (copy: WorkbookCopy): Promise<Side> => {
  const terminal = copy.atTerminal(['lesson', '1', 'watch']);
  return watching(copy, terminal, /q quit/, () => terminal.type('q'));
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
    let pair: Running | undefined;
    const time = await timed(() => (pair = node(copy, [launcher, 'lesson', '1'])).printed(reply));
    await pair!.ended;
    return time;
  },
});

/** Both halves started at once, as in two terminals; the client calls as soon as the server is up. */
export const pairByHand = (copy: WorkbookCopy): Side => ({
  time: async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const start = (file: string): Running => node(copy, ['--import', tsx, byHand(file), address]);
    let halves: Running[] = [];
    const time = await timed(() => {
      halves = [start('server.ts'), start('client.ts')];
      return halves[1]!.printed(reply);
    });
    await halves[1]!.ended;
    halves[0]!.child.kill();
    await halves[0]!.ended;
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
