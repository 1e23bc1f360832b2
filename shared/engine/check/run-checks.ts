import path from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import type { TestSpecification, Vite, Vitest } from 'vitest/node';
import { progressChannel, stillAlive, type Progress } from './check-events.ts';
import { vitestOptions } from './vitest-options.ts';
import type { Seen } from './grade.ts';
import { whyNotInstalled } from '../loading/missing-package.js';
import { inWorkbook, root, type AnswersFolder } from '../lesson/paths.ts';
import { writeText } from '../lesson/backup.ts';
import { seedOfRun } from './seed.ts';
import { strictModules } from './strict-modules.ts';
import { watchdog } from './watchdog.ts';

/** @returns the line of an error that says what is wrong: the first one may only announce it */
const telling = (message: string): string => {
  const lines = message.split('\n');
  return (lines.find((line) => /: (?:ERROR|error): /.test(line)) ?? lines[0]!)
    .replace(root.split(path.sep).join('/'), '')
    .trim();
};

/**
 * Where Vitest keeps modules that it has once made ready for running: it knows them by their text. A learner's own files
 * are never taken from there. Without room to write, nothing is kept, and a run takes a little longer.
 *
 * @returns options for Vitest
 */
const keptModules = (): { experimental?: { fsModuleCache: boolean; fsModuleCachePath: string } } => {
  const folder = inWorkbook('.workbook', 'modules');
  try {
    writeText(path.join(folder, 'probe'), 'x');
    return { experimental: { fsModuleCache: true, fsModuleCachePath: folder } };
  } catch {
    return {};
  }
};

const answersAreNotKept: Vite.Plugin = {
  name: 'grpc-workbook:answers-are-not-kept',
  configureVitest: ({ experimental_defineCacheKeyGenerator: define }) =>
    define(({ id }) =>
      /\/(?:lessons|solutions)\/[^/]+\/(?:server|client)\.ts/.test(id) ? false : undefined,
    ),
};

/** How checks are run otherwise than usual. */
interface ChecksOptions {
  plugins?: Vite.Plugin[];
  only?: (file: string) => RegExp | undefined;
}

/**
 * The checks of some lessons, to be run once, or again and again. They are collected as they go, so that even a check
 * that never comes back is seen.
 */
export class Checks {
  readonly #files: string[];
  readonly #only: NonNullable<ChecksOptions['only']>;
  readonly #vitest: Promise<Vitest>;
  #specifications: TestSpecification[] | undefined;
  #seen = new Map<string, Seen>();

  /**
   * @param options - `plugins` for vite, when answers come from elsewhere; `only` says which checks of a file are run, by
   *   their titles behind those of their groups: all when it says undefined
   */
  constructor(
    files: string[],
    answers: AnswersFolder,
    { plugins = [], only = () => undefined }: ChecksOptions = {},
  ) {
    this.#files = files;
    this.#only = only;
    this.#vitest = this.#start(answers, plugins);
  }

  async #start(answers: AnswersFolder, plugins: Vite.Plugin[]): Promise<Vitest> {
    const { createVitest } = await import('vitest/node');
    // Before any thread begins: each gets a copy of the environment.
    seedOfRun();
    const { vite, test } = vitestOptions(answers);
    const vitest: Vitest = await createVitest(
      'test',
      {
        ...test,
        config: false,
        watch: false,
        include: this.#files.map((file) => path.relative(root, file).split(path.sep).join('/')),
        // The command's own loader for TypeScript is not for the checks: vite has one.
        execArgv: [],
        // Lessons keep a processor busy; many variants of them mostly wait for what never comes.
        maxWorkers: plugins.length > 0 ? 4 : Math.min(2, this.#files.length),
        // Vitest knows plugins by their names alone: what they change must not be kept.
        ...(plugins.length === 0 && keptModules()),
        onUnhandledError: () => false,
        reporters: [
          {
            onUserConsoleLog: ({ content, taskId }) => {
              this.#seenOf(vitest.state.idMap.get(taskId ?? '')?.file.filepath)?.output.push(content);
            },
            onTestModuleEnd: (module) => {
              const lesson = this.#seenOf(module.moduleId);
              const [error] = module.errors();
              if (lesson && error) lesson.broken = whyNotInstalled(error) ?? telling(error.message);
            },
          },
        ],
      },
      { ...vite, plugins: [answersAreNotKept, strictModules, ...plugins] },
      // What the learner's code writes past the console stands beside the grades, never among them.
      { stdout: process.stderr },
    );
    return vitest;
  }

  // Vite writes every path with forward slashes, on Windows too.
  #seenOf(file: string | undefined): Seen | undefined {
    return this.#seen.get(path.normalize(file ?? ''));
  }

  /**
   * Runs the checks. A thread in which one loops is still there afterwards: this process has to end by `process.exit`.
   *
   * @returns what was seen, by file; and whether the checks came to their end
   */
  async run(changed: readonly string[] = []): Promise<{ seen: Map<string, Seen>; ended: boolean }> {
    this.#seen = new Map(this.#files.map((file) => [file, { checks: [], output: [] }]));
    const { alive, silent } = watchdog();
    const channel = new BroadcastChannel(progressChannel);
    channel.onmessage = (event) => {
      alive();
      const { data } = event as { data: Progress | typeof stillAlive };
      if (data.type !== stillAlive.type) this.#note(data);
    };
    const outcome = await Promise.race([this.#runOnce(changed), silent]);
    channel.close();
    return { seen: this.#seen, ended: outcome === 'done' };
  }

  #note(progress: Progress): void {
    const lesson = this.#seenOf(progress.file);
    if (!lesson) return;
    const { group, check } = progress;
    if (progress.type === 'began') {
      lesson.checks.push({ group, check, result: 'running' });
      return;
    }
    const current = lesson.checks.at(-1)!;
    current.result = progress.type;
    if (progress.type === 'failed') current.failure = progress.failure;
  }

  async #runOnce(changed: readonly string[]): Promise<'done'> {
    const vitest = await this.#vitest;
    this.#specifications ??= (await vitest.globTestSpecifications()).map(({ project, moduleId }) =>
      project.createSpecification(moduleId, { testNamePattern: this.#only(path.normalize(moduleId)) }),
    );
    for (const file of changed) vitest.invalidateFile(file);
    await vitest.rerunTestSpecifications(this.#specifications, true);
    return 'done';
  }

  async close(): Promise<void> {
    const vitest = await this.#vitest;
    await vitest.close();
  }
}

/** Runs checks once. @returns what was seen, by file */
export const runChecks = async (
  files: string[],
  answers: AnswersFolder,
  options?: ChecksOptions,
): Promise<Map<string, Seen>> => {
  if (files.length === 0) return new Map();
  const checks = new Checks(files, answers, options);
  const { seen, ended } = await checks.run();
  if (ended) await checks.close();
  return seen;
};
