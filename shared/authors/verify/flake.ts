import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { vitestProgram } from '../test-run.ts';

/** How often the suite runs, undisturbed and beside something that wants every core. */
const runs = { undisturbed: 50, busy: 10 };

/** Runs `npm test` once, in shuffled file order. @returns its output if it failed */
const failureOf = async (): Promise<string | undefined> => {
  const projects = ['--project', 'solutions', '--project', 'units', '--project', 'isolated'];
  const child = spawn(process.execPath, [vitestProgram, 'run', '--sequence.shuffle.files', ...projects], {
    cwd: inWorkbook(),
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? undefined : output;
};

/** Keeps every core busy. @returns ends that */
const busy = (): (() => void) => {
  const loops: ChildProcess[] = [];
  for (let core = 0; core < availableParallelism(); core += 1) {
    // Ends by itself when this process has gone: its standard input closes then.
    const loop =
      "process.stdin.resume().on('end', () => process.exit()); (function turn() { const until = Date.now() + 50; while (Date.now() < until); setImmediate(turn); })()";
    loops.push(spawn(process.execPath, ['-e', loop], { stdio: ['pipe', 'ignore', 'ignore'] }));
  }
  return () => {
    for (const loop of loops) loop.kill();
  };
};

/**
 * `npm run author flake`: runs the suite again and again. A test that fails once in fifty times is a defect.
 *
 * @param times - how often, in place of the usual 50, and a fifth of it on a busy machine
 * @returns the exit code: 1 when a run has failed
 */
export const flake = async (times: number = runs.undisturbed): Promise<number> => {
  const rounds = [
    { name: 'undisturbed', count: times, begin: () => () => {} },
    { name: 'with every core busy', count: Math.ceil((times * runs.busy) / runs.undisturbed), begin: busy },
  ];
  let failed = 0;
  for (const { name, count, begin } of rounds) {
    const end = begin();
    try {
      for (let round = 1; round <= count; round += 1) {
        const output = await failureOf();
        if (output !== undefined) failed += 1;
        // Each by itself: fifty take most of an hour.
        console.log(
          `${name}, run ${round} of ${count}: ${output === undefined ? 'passed' : `failed\n${output}`}`,
        );
      }
    } finally {
      end();
    }
    console.log(`${count} runs ${name}, ${failed} failed so far`);
  }
  return failed === 0 ? 0 : 1;
};
