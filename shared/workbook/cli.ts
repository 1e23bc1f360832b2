/**
 * Where every command begins. It finds out what was asked for, loads what that needs and nothing else,
 * and leaves with the command's exit code: 0 passed, 1 a check failed, 2 used wrongly, 130 interrupted.
 */
import { quietWhenClosed } from '../terminal/quiet-when-closed.ts';
import { allLessons, type Lesson } from './lessons.ts';
import { readLessonCommand } from './lesson-flags.ts';
import { didYouMean, UsageError } from './usage-error.ts';
import { verbsOf } from './verbs.ts';

const verbs = ['server', 'client', 'check'] as const;

const ownVerbsHelp = (number: string): string =>
  allLessons()
    .filter((lesson) => String(lesson.number) === number)
    .flatMap((lesson) => Object.entries(verbsOf(lesson)))
    .map(([verb, { help: text }]) => `\nnpm run lesson:${number} ${verb.padEnd(16)} ${text}`)
    .join('');

const help = (number: string): string =>
  `npm start                         show the lessons, and what comes next
npm run check                     grade every lesson
npm run lesson:${number}                  run the lesson's server and client together
npm run lesson:${number} server           run one half alone (also: client), for two terminals
npm run lesson:${number} check            grade your steps${ownVerbsHelp(number)}

Flags stand behind --, for example: npm run lesson:${number} -- --solution
  --solution     the finished pair in place of yours
  --port, --host where a half that runs alone listens or calls (50051 on 127.0.0.1)
  --no-color     plain text
The client's questions can be answered ahead by flags too: the lesson's README lists them.`;

const findLesson = (text: string | undefined): Lesson => {
  const lessons = allLessons();
  const lesson = lessons.find(({ number }) => String(number) === text);
  if (lesson) return lesson;
  const numbers = lessons.map(({ number }) => `lesson:${number}`).join(', ');
  throw new UsageError(`There is no lesson ${text ?? 'without a number'}. These are there: ${numbers}.`);
};

const runLesson = async ([number, ...args]: string[]): Promise<number> => {
  const lesson = findLesson(number);
  const { verb, solution, host, port, rest } = readLessonCommand(args);
  const ownVerbs = verbsOf(lesson);
  const known = [...verbs, ...Object.keys(ownVerbs)];
  if (verb !== undefined && !known.includes(verb)) {
    throw new UsageError(
      `Lesson ${lesson.number} cannot "${verb}".${didYouMean(verb, known)} It can: ${known.join(', ')}; without a word it runs both halves.`,
    );
  }
  const ownVerb = verb === undefined ? undefined : ownVerbs[verb];
  if (ownVerb) {
    refuse(rest, `${verb} takes no flag.`);
    if (host !== undefined || port !== undefined) {
      throw new UsageError(`Leave out --host and --port: ${verb} neither listens nor calls.`);
    }
    return ownVerb.run();
  }
  const answers = solution ? 'solutions' : 'lessons';
  if (verb === 'check') {
    const { check } = await import('./check.ts');
    refuse(rest, 'check takes no flag but --solution.');
    if (host !== undefined || port !== undefined)
      throw new UsageError('A check finds its ports by itself: leave out --host and --port.');
    return check([lesson], answers);
  }
  const { runHalf, runPair } = await import('./run.ts');
  if (verb === 'server' || verb === 'client') return runHalf(lesson, verb, { answers, host, port, rest });
  if (host !== undefined || port !== undefined) {
    throw new UsageError(
      `--host and --port are for one half: npm run lesson:${lesson.number} server -- --port 50052. A pair takes a free port by itself.`,
    );
  }
  return runPair(lesson, { answers, rest });
};

const refuse = (args: string[], why: string): void => {
  if (args.length > 0) throw new UsageError(`"${args.join(' ')}" is not understood here: ${why}`);
};

const commands: Record<string, (args: string[]) => Promise<number>> = {
  lesson: runLesson,
  start: async (args) => {
    refuse(args, 'npm start takes nothing.');
    const { printMap } = await import('./map.ts');
    return printMap();
  },
  check: async (args) => {
    const { verb, solution, rest } = readLessonCommand(args);
    refuse(
      [...(verb ? [verb] : []), ...rest],
      'npm run check takes no word, and no flag but --solution. To grade one lesson: npm run lesson:1 check.',
    );
    const { check } = await import('./check.ts');
    return check(allLessons(), solution ? 'solutions' : 'lessons');
  },
  starters: async (args) => {
    refuse(args, 'npm run starters takes nothing.');
    const { writeStarters } = await import('./verify/starters-in-step.ts');
    return writeStarters();
  },
  generate: async (args) => {
    refuse(args, 'npm run generate takes nothing.');
    const { writeTypes } = await import('./verify/types-in-step.ts');
    return writeTypes();
  },
  bench: async (args) => {
    const isQuick = args.includes('--quick');
    const [name, ...rest] = args.filter((arg) => arg !== '--quick');
    if (name !== 'services' && name !== 'loop') {
      throw new UsageError(
        'Say what to measure: npm run bench services, or npm run bench loop (or: npm run bench services -- --quick).',
      );
    }
    refuse(rest, `bench ${name} takes no flag but --quick.`);
    if (name === 'loop') return (await import('../benchmark/loop.ts')).benchLoop(isQuick);
    return (await import('../benchmark/services.ts')).benchServices(isQuick);
  },
  verify: async (args) => {
    refuse(args, 'npm run verify takes nothing.');
    const { verify } = await import('./verify/verify.ts');
    return verify();
  },
};

const main = async ([name = 'start', ...args]: string[]): Promise<number> => {
  const command = commands[name];
  if (!command)
    throw new UsageError(`There is no command "${name}".${didYouMean(name, Object.keys(commands))}`);
  if (args.includes('--help') || args.includes('-h') || args[name === 'lesson' ? 1 : 0] === 'help') {
    console.log(help(name === 'lesson' ? args[0]! : 'N'));
    return 0;
  }
  return command(args);
};

const run = async (): Promise<number> => {
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(error.message);
      return 2;
    }
    const text = error instanceof Error ? error.message : String(error);
    console.error(`The workbook itself has failed, not your code: ${text}`);
    console.error('If it happens again, report it with the command you typed and these lines.');
    if (process.env.WORKBOOK_DEBUG) console.error(error);
    return 1;
  }
};

quietWhenClosed();
const code = await run();
// Leaves even when a check loops on in its thread, but not before all that was printed has gone out.
process.stdout.write('', () => process.exit(code));
