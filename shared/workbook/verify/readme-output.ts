import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Settings } from '../../terminal/ask.ts';
import { allLessons, fileOf, readmeOf, type Lesson } from '../lessons.ts';
import { inWorkbook } from '../paths.ts';
import { codeBlocks } from './code-blocks.ts';
import { masked } from './masked.ts';

/** A command of a README, and the output that the README promises. */
interface Promised {
  /** What stands behind `npm run lesson:N`, split as a shell splits it. */
  args: string[];
  output: string[];
  where: string;
}

const launcher = inWorkbook('shared', 'workbook', 'launch.js');

const words = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

const promisesOf = ({ folder, number }: Lesson): Promised[] => {
  const file = `lessons/${folder}/README.md`;
  const blocks = codeBlocks(readmeOf(folder));
  return blocks.flatMap((block, index) => {
    const command = new RegExp(`^npm run lesson:${number}(?: (.*))?\\n$`).exec(block.text);
    const answer = blocks[index + 1];
    if (block.language !== 'sh' || !command || answer?.language !== 'text') return [];
    const args = words(command[1] ?? '').filter((word) => word !== '--');
    return [{ args, output: answer.text.trimEnd().split('\n'), where: `${file}:${answer.line}` }];
  });
};

const run = (lesson: Lesson, args: string[]): ChildProcess =>
  spawn(process.execPath, [launcher, 'lesson', String(lesson.number), ...args, '--solution', '--no-color'], {
    cwd: inWorkbook(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** The two processes of a pair print side by side: only the order of each one's own lines is certain. */
const bySpeaker = (lines: string[]): string => {
  const server = lines.filter((line) => line.startsWith('[server]'));
  const others = lines.filter((line) => !line.startsWith('[server]'));
  return [...server, ...others].map(masked).join('\n');
};

const outputOf = async (child: ChildProcess): Promise<string[]> => {
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(line));
  await once(child, 'close');
  return lines;
};

const problem = (promised: Promised, lines: string[]): string[] =>
  bySpeaker(lines) === bySpeaker(promised.output)
    ? []
    : [
        `${promised.where}: the solution prints something else than this:\n${lines.map((line) => `      ${line}`).join('\n')}`,
      ];

/** A lesson that keeps something starts with nothing kept: what an earlier run has left would show. */
const keepingNothing = async ({ folder }: Lesson): Promise<string[]> => {
  const { settings } = (await import(pathToFileURL(fileOf('solutions', folder, 'server')).href)) as {
    settings?: Settings;
  };
  return settings && 'db' in settings ? ['--db', ':memory:'] : [];
};

const problemsOf = async (lesson: Lesson): Promise<string[]> => {
  const problems: string[] = [];
  const flags = await keepingNothing(lesson);
  let server: { child: ChildProcess; port: string } | undefined;
  for (const promised of promisesOf(lesson)) {
    const [half] = promised.args;
    if (half === 'server') {
      const child = run(lesson, [...promised.args, '--port', '0', ...flags]);
      const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
      server = { child, port: line.slice(line.lastIndexOf(':') + 1) };
      problems.push(...problem(promised, [line]));
    } else if (half === 'client' && !server) {
      problems.push(`${promised.where}: a client alone needs a server; start one in a block before it.`);
    } else {
      const more = half === 'client' ? ['--port', server!.port] : flags;
      problems.push(...problem(promised, await outputOf(run(lesson, [...promised.args, ...more]))));
    }
  }
  if (server) {
    const gone = once(server.child, 'close');
    server.child.kill();
    await gone;
  }
  if (promisesOf(lesson).length === 0)
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
