import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Settings } from '#shared/terminal/ask.ts';
import { allLessons, fileOf, type Lesson } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { masked } from '#testkit/masked-output.ts';
import { keepingNothing, promisesOf, type Promised } from '#testkit/readme-examples.ts';

const launcher = inWorkbook('shared', 'engine', 'cli', 'launch.js');

const run = (lesson: Lesson, args: string[]): ChildProcess =>
  spawn(process.execPath, [launcher, 'lesson', String(lesson.number), ...args, '--solution', '--no-color'], {
    cwd: inWorkbook(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** A line of one of several servers. */
const ofOneOfSeveral = /^\[server \d+\] /;

/** The two processes of a pair print side by side: only the order of each one's own lines is certain. */
const bySpeaker = (lines: string[]): string => {
  const certain = lines.filter((line) => !ofOneOfSeveral.test(line));
  const server = certain.filter((line) => line.startsWith('[server]'));
  const others = certain.filter((line) => !line.startsWith('[server]'));
  return [...server, ...others].map(masked).join('\n');
};

/** Of several servers, a README shows some lines: each has to come, behind those of the same server that it shows before. */
const showsSeveral = (promised: string[], printed: string[]): boolean => {
  const reached = new Map<string, number>();
  const all = printed.map(masked);
  return promised
    .filter((line) => ofOneOfSeveral.test(line))
    .every((line) => {
      const [speaker] = ofOneOfSeveral.exec(line)!;
      const index = all.indexOf(masked(line), reached.get(speaker) ?? 0);
      reached.set(speaker, index + 1);
      return index !== -1;
    });
};

const outputOf = async (child: ChildProcess): Promise<string[]> => {
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(line));
  await once(child, 'close');
  return lines;
};

/** @returns the first line that a process prints; none when it ends without a word */
export const firstLineOf = async (child: ChildProcess): Promise<string[]> => {
  const lines = createInterface({ input: child.stdout! });
  return Promise.race([once(lines, 'line'), once(lines, 'close')]);
};

const problem = (promised: Promised, lines: string[]): string[] =>
  bySpeaker(lines) === bySpeaker(promised.output) && showsSeveral(promised.output, lines)
    ? []
    : [
        `${promised.where}: the solution prints something else than this:\n${lines.map((line) => `      ${line}`).join('\n')}`,
      ];

const problemsOf = async (lesson: Lesson): Promise<string[]> => {
  const problems: string[] = [];
  const file = pathToFileURL(fileOf('solutions', lesson.folder, 'server')).href;
  const flags = keepingNothing(((await import(file)) as { settings?: Settings }).settings);
  let server: { child: ChildProcess; port: string; gone: Promise<unknown> } | undefined;
  for (const promised of promisesOf(lesson.folder)) {
    const [half] = promised.args;
    if (half === 'server') {
      const child = run(lesson, [...promised.args, '--port', '0', ...flags]);
      const gone = once(child, 'close');
      const lines = await firstLineOf(child);
      server = { child, gone, port: lines.join().split(':').at(-1)! };
      problems.push(...problem(promised, lines));
      // What calls a server that is not there would only say so again.
      if (lines.length === 0) break;
    } else if (half === 'client' && !server) {
      problems.push(`${promised.where}: a client alone needs a server; start one in a block before it.`);
    } else {
      const more = half === 'client' ? ['--port', server!.port] : flags;
      problems.push(...problem(promised, await outputOf(run(lesson, [...promised.args, ...more]))));
    }
  }
  if (server) {
    server.child.kill();
    await server.gone;
  }
  if (promisesOf(lesson.folder).length === 0)
    problems.push(`lessons/${lesson.folder}/README.md shows no command with its output.`);
  return problems;
};

/**
 * Runs every command in the lessons' READMEs that is followed by its output, with the solution.
 *
 * @returns a sentence for each output that the solution does not print
 */
export const outputProblems = async (): Promise<string[]> => {
  const problems: string[] = [];
  for (const lesson of allLessons()) problems.push(...(await problemsOf(lesson)));
  return problems;
};
