import { execFileSync } from 'node:child_process';

/** A process of this machine. */
export interface Process {
  pid: number;
  /** The program and its arguments. */
  command: string;
}

/** @returns the processes that a process has started, and those that they have started in turn. Windows has no ps. */
export const descendantsOf = (pid: number): Process[] => {
  const all = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, own, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return own === undefined ? [] : [{ pid: Number(own), parent: Number(parent), command: command! }];
    });
  const below = (ancestor: number): Process[] =>
    all
      .filter(({ parent }) => parent === ancestor)
      .flatMap((child) => [{ pid: child.pid, command: child.command }, ...below(child.pid)]);
  return below(pid);
};
