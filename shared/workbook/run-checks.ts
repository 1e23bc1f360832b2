import path from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import type { Vite, Vitest } from 'vitest/node';
import { progressChannel, type Progress } from '../testing/progress.ts';
import { vitestOptions } from '../testing/vitest-options.ts';
import type { Seen } from './grade.ts';
import { root, type AnswersFolder } from './paths.ts';

/** How long checks may go without a sign of life before they count as looping, in milliseconds. Their own waits are all shorter. */
const silence = 6_000;

/** How long vitest may take to begin with the first check, in milliseconds. */
const warmUp = 60_000;

/** Resolves when nothing has called `alive` for too long. */
const watchdog = (): { alive: () => void; silent: Promise<'silent'> } => {
  let alive = (): void => {};
  const silent = new Promise<'silent'>((resolve) => {
    let timer = setTimeout(resolve, warmUp, 'silent');
    timer.unref();
    alive = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, silence, 'silent');
      timer.unref();
    };
  });
  return { alive, silent };
};

/**
 * Runs checks and collects what they tell as they go, so that even a check that never comes back is seen.
 * A thread in which one loops is still there afterwards: the command has to leave by `process.exit`.
 *
 * @param files - the files of checks, as absolute paths
 * @param answers - where `#answers/…` leads
 * @param plugins - for vite, when answers come from elsewhere
 * @returns what was seen, by file
 */
export const runChecks = async (
  files: string[],
  answers: AnswersFolder,
  plugins: Vite.Plugin[] = [],
): Promise<Map<string, Seen>> => {
  const seen = new Map<string, Seen>(files.map((file) => [file, { checks: [], output: [] }]));
  if (files.length === 0) return seen;
  // Vite writes every path with forward slashes, on Windows too.
  const seenOf = (file: string | undefined): Seen | undefined => seen.get(path.normalize(file ?? ''));

  const { alive, silent } = watchdog();
  const channel = new BroadcastChannel(progressChannel);
  channel.onmessage = (event) => {
    alive();
    const progress = (event as { data: Progress }).data;
    const lesson = seenOf(progress.file);
    if (!lesson) return;
    const { group, check } = progress;
    if (progress.type === 'began') {
      lesson.checks.push({ group, check, result: 'running' });
      return;
    }
    const current = lesson.checks.at(-1)!;
    current.result = progress.type;
    if (progress.type === 'failed') current.failure = progress.failure;
  };

  const { startVitest } = await import('vitest/node');
  const { vite, test } = vitestOptions(answers);
  let vitest: Vitest | undefined;
  const run = startVitest(
    'test',
    [],
    {
      ...test,
      config: false,
      watch: false,
      include: files.map((file) => path.relative(root, file).split(path.sep).join('/')),
      // The command's own loader for TypeScript is not for the checks: vite has one.
      execArgv: [],
      maxWorkers: Math.min(2, files.length),
      onUnhandledError: () => false,
      reporters: [
        {
          onInit: (instance) => {
            vitest = instance;
          },
          onUserConsoleLog: ({ content, taskId }) => {
            seenOf(vitest?.state.idMap.get(taskId ?? '')?.file.filepath)?.output.push(content);
          },
          onTestModuleEnd: (module) => {
            const lesson = seenOf(module.moduleId);
            const [error] = module.errors();
            if (lesson && error) lesson.broken = error.message.split('\n')[0]!;
          },
        },
      ],
    },
    { ...vite, plugins },
    // What the learner's code writes past the console stands beside the grades, never among them.
    { stdout: process.stderr },
  ).then(() => 'done' as const);
  const outcome = await Promise.race([run, silent]);
  channel.close();
  if (outcome === 'done') await vitest?.close();
  return seen;
};
