import { existsSync } from 'node:fs';
import { BroadcastChannel } from 'node:worker_threads';
import path from 'node:path';
import type { Vitest } from 'vitest/node';
import { progressChannel, type Progress } from '../testing/progress.ts';
import { vitestOptions } from '../testing/vitest-options.ts';
import { gradeOf, type Seen } from './grade.ts';
import { stepsOf, todosOf, type Lesson } from './lessons.ts';
import { inWorkbook, type AnswersFolder } from './paths.ts';
import { printGrades } from './print-grades.ts';

/** How long a check may go without a sign of life before it counts as looping, in milliseconds. Its waits are all shorter. */
const silence = 6_000;

/** How long vitest may take to begin with the first check, in milliseconds. */
const warmUp = 60_000;

const checksOf = (lesson: Lesson): string => inWorkbook('lessons', lesson.folder, 'steps.test.ts');

const folderOf = (file: string): string => path.basename(path.dirname(file));

/** Runs the checks of some lessons and collects what they tell, even when one of them never comes back. */
const runChecks = async (lessons: Lesson[], answers: AnswersFolder): Promise<Map<string, Seen>> => {
  const seen = new Map<string, Seen>(lessons.map((lesson) => [lesson.folder, { checks: [], output: [] }]));

  const channel = new BroadcastChannel(progressChannel);
  let lookAgain = (): void => {};
  const allSilent = new Promise<'silent'>((resolve) => {
    let timer = setTimeout(resolve, warmUp, 'silent');
    lookAgain = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, silence, 'silent').unref();
    };
    timer.unref();
  });
  channel.onmessage = (event) => {
    lookAgain();
    const progress = (event as { data: Progress }).data;
    const lesson = seen.get(folderOf(progress.file));
    if (!lesson) return;
    if (progress.type === 'began') {
      lesson.checks.push({ group: progress.group, check: progress.check, result: 'running' });
    } else {
      const last = lesson.checks.at(-1)!;
      last.result = progress.type;
      if (progress.type === 'failed') last.failure = progress.failure;
    }
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
      include: lessons.map((lesson) =>
        path.relative(inWorkbook(), checksOf(lesson)).split(path.sep).join('/'),
      ),
      // The process's own loader for TypeScript is not for the checks: vite has one.
      execArgv: [],
      maxWorkers: Math.min(2, lessons.length),
      onUnhandledError: () => false,
      reporters: [
        {
          onUserConsoleLog: ({ content, taskId }) => {
            const folder =
              taskId === undefined
                ? undefined
                : folderOf(vitest?.state.idMap.get(taskId)?.file.filepath ?? '');
            seen.get(folder ?? '')?.output.push(content);
          },
          onTestModuleEnd: (module) => {
            const lesson = seen.get(folderOf(module.moduleId));
            const [error] = module.errors();
            if (lesson && error) lesson.broken = error.message.split('\n')[0]!;
          },
        },
      ],
    },
    vite,
    {},
  ).then((instance) => {
    vitest = instance;
    return 'done' as const;
  });
  const outcome = await Promise.race([run, allSilent]);
  channel.close();
  if (outcome === 'done') await vitest?.close();
  return seen;
};

/**
 * Grades answers: runs the checks, and prints for each step whether it has passed, has failed, or is to do.
 *
 * @param lessons - the lessons to grade
 * @param answers - whose answers
 * @returns the exit code: 0 when every step has passed, else 1
 */
export const check = async (lessons: Lesson[], answers: AnswersFolder): Promise<number> => {
  const missing = lessons.filter((lesson) => !existsSync(checksOf(lesson)));
  for (const { folder } of missing) {
    const file = `lessons/${folder}/steps.test.ts`;
    console.error(
      `${file} is missing: without it nothing can be graded. Bring it back with: git checkout -- ${file}`,
    );
  }
  const present = lessons.filter((lesson) => !missing.includes(lesson));
  // Vitest sets the exit code by its own count, and keeps signals for itself.
  const seen = present.length > 0 ? await runChecks(present, answers) : new Map<string, Seen>();
  const grades = present.map((lesson) =>
    gradeOf(
      lesson,
      stepsOf(lesson.folder),
      answers === 'lessons' ? todosOf(lesson.folder) : [],
      seen.get(lesson.folder)!,
    ),
  );
  printGrades(grades, answers);
  const passed =
    missing.length === 0 &&
    grades.every(
      ({ steps, together }) => together.state === 'passed' && steps.every(({ state }) => state === 'passed'),
    );
  return passed ? 0 : 1;
};
