/**
 * Where every command begins. It finds out what was asked for, loads what that needs and nothing else,
 * and leaves with the command's exit code: 0 passed, 1 a check failed, 2 used wrongly, 130 interrupted.
 */
import { quietWhenClosed } from '../terminal/closed-output.ts';
import { allLessons, type Lesson } from '../lesson/lessons.ts';
import { readLessonCommand, type LessonCommand } from '../run/lesson-flags.ts';
import { didYouMean, UsageError } from '../terminal/usage-error.ts';
import { verbsOf, type Verb } from './verbs.ts';

/** The help of a command, with the number of a lesson in it. */
const help = (number: string): string => {
  const lesson = allLessons().find((each) => String(each.number) === number);
  const row = (command: string, text: string): string => `${command.padEnd(33)} ${text}`;
  return [
    row('npm start', 'the menu: where you are, and what comes next'),
    row('npm run check', 'grade every lesson'),
    row('npm run doctor', 'look for what is wrong on this machine'),
    row(`npm run lesson:${number}`, "run the lesson's server and client together"),
    ...Object.entries(verbsOf(lesson)).map(([verb, { help: text }]) =>
      row(`npm run lesson:${number} ${verb}`, text),
    ),
    `
Flags stand behind --, for example: npm run lesson:${number} -- --solution
  --solution     the finished pair in place of yours: to run it, or to check it
  --port, --host where a half that runs alone listens or calls (50051 on 127.0.0.1)
  --yes          answers the question of reveal or reset ahead
  --json         the grades of a check for programs: npm run --silent check -- --json
  --no-color     plain text
The client's questions can be answered ahead by flags too: the lesson's README lists them.`,
  ].join('\n');
};

const findLesson = (text: string | undefined): Lesson => {
  const lessons = allLessons();
  const lesson = lessons.find(({ number }) => String(number) === text);
  if (lesson) return lesson;
  const numbers = lessons.map(({ number }) => `lesson:${number}`).join(', ');
  throw new UsageError(`There is no lesson ${text ?? 'without a number'}. These are there: ${numbers}.`);
};

const refuse = (args: string[], why: string): void => {
  if (args.length > 0) throw new UsageError(`"${args.join(' ')}" is not understood here: ${why}`);
};

/** Refuses what a word does not take, with a sentence on why. */
const refuseMisfits = (name: string, { flags, takes }: Verb, command: LessonCommand): void => {
  const { answers, json, yes, host, port, rest } = command;
  if ((host !== undefined || port !== undefined) && !flags.includes('port')) {
    throw new UsageError(
      `Leave out --host and --port: ${name} takes none, only a half that runs alone does.`,
    );
  }
  if (answers === 'solutions' && !flags.includes('solution')) {
    throw new UsageError(`Leave out --solution: ${name} is about your own files.`);
  }
  if (json && !flags.includes('json')) {
    throw new UsageError('Leave out --json: it is for grades, behind check.');
  }
  if (yes && !flags.includes('yes')) throw new UsageError(`Leave out --yes: ${name} asks nothing.`);
  if (takes === 'answers') return;
  const most = takes === 'words' ? Infinity : takes === 'word' ? 1 : 0;
  const misfits = rest.filter((word, index) => word.startsWith('-') || index >= most);
  refuse(
    misfits,
    `${name} takes ${most === 0 ? 'nothing more' : most === 1 ? 'one word at most' : 'no flags'}.`,
  );
};

const runLesson = async ([number, ...args]: string[]): Promise<number> => {
  const lesson = findLesson(number);
  const command = readLessonCommand(args);
  const { verb: name, host, port, answers, rest, yes, json } = command;
  if (name === undefined) {
    if (host !== undefined || port !== undefined) {
      throw new UsageError(
        `--host and --port are for one half: npm run lesson:${lesson.number} server -- --port 50052. A pair takes a free port by itself.`,
      );
    }
    if (json)
      throw new UsageError(`--json is for grades: npm run --silent lesson:${lesson.number} check -- --json`);
    if (yes) throw new UsageError('Leave out --yes: running a pair asks nothing that it could answer.');
    const { runPair } = await import('../run/run.ts');
    return runPair(lesson, { answers, rest });
  }
  const verbs = verbsOf(lesson);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) {
    const known = Object.keys(verbs);
    throw new UsageError(
      `Lesson ${lesson.number} cannot "${name}".${didYouMean(name, known)} It can: ${known.join(', ')}; without a word it runs both halves.`,
    );
  }
  refuseMisfits(name, verb, command);
  return verb.run(lesson, command);
};

const commands: Record<string, (args: string[]) => Promise<number>> = {
  lesson: runLesson,
  start: async (args) => {
    refuse(args, 'npm start takes nothing.');
    const { start } = await import('../commands/start.ts');
    return start();
  },
  check: async (args) => {
    const { verb, answers, json, host, port, yes, rest } = readLessonCommand(args);
    const flags = [host !== undefined && '--host', port !== undefined && '--port', yes && '--yes'];
    refuse(
      [...(verb ? [verb] : []), ...flags.filter((flag) => flag !== false), ...rest],
      'npm run check takes no word, and no flag but --solution and --json. To grade one lesson: npm run lesson:1 check.',
    );
    const { check } = await import('../commands/check.ts');
    return check(allLessons(), answers, json);
  },
  doctor: async (args) => {
    refuse(args, 'npm run doctor takes nothing.');
    const { doctor } = await import('../commands/doctor.ts');
    return doctor();
  },
  starters: async (args) => {
    refuse(args, 'npm run starters takes nothing.');
    const { writeStarters } = await import('../../authors/verify/starters-in-step.ts');
    return writeStarters();
  },
  generate: async (args) => {
    refuse(args, 'npm run generate takes nothing.');
    const { writeTypes } = await import('../lesson/generated-types.ts');
    return writeTypes();
  },
  pin: async (args) => {
    const numbers = args.map((arg) => findLesson(arg).number);
    const { pinWrongAnswers } = await import('../../authors/verify/answers.ts');
    return pinWrongAnswers(numbers);
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
    if (name === 'loop') return (await import('../../authors/bench/loop.ts')).benchLoop(isQuick);
    return (await import('../../authors/bench/services.ts')).benchServices(isQuick);
  },
  interop: async (args) => {
    const flags = args.filter((arg) => arg.startsWith('-'));
    refuse(flags, 'interop takes parts of the names of its test files, and no flags.');
    const { interop } = await import('../../authors/interop/interop.ts');
    return interop(args);
  },
  flake: async ([times, ...rest]) => {
    refuse(rest, 'flake takes one number at most: how often to run the suite.');
    if (times !== undefined && !/^[1-9]\d*$/.test(times)) {
      throw new UsageError(`"${times}" is no number of runs, for example: npm run flake 10`);
    }
    const { flake } = await import('../../authors/verify/flake.ts');
    return flake(times === undefined ? undefined : Number(times));
  },
  mutation: async (args) => {
    const flags = args.filter((arg) => arg.startsWith('-'));
    refuse(flags, 'mutation takes groups, such as lesson:3 or grpc, and no flags.');
    const { mutation } = await import('../../authors/mutation/mutation.ts');
    return mutation(args);
  },
  verify: async (args) => {
    refuse(args, 'npm run verify takes nothing.');
    const { verify } = await import('../../authors/verify/verify.ts');
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

/** Errors that say all there is to say, by name, and the exit code of a command that ends with one. */
const exitCodes: Readonly<Record<string, number>> = {
  UsageError: 2,
  CannotUseTool: 1,
  CannotWrite: 1,
  Interrupted: 130,
};

const run = async (): Promise<number> => {
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    const { name, message } = error as Error;
    // Any other error is for launch.js to explain, as are those before this file is loaded.
    if (!Object.hasOwn(exitCodes, name)) throw error;
    if (name !== 'Interrupted') console.error(message);
    return exitCodes[name]!;
  }
};

quietWhenClosed();
const code = await run();
// Leaves even when a check loops on in its thread, but not before all that was printed has gone out.
process.stdout.write('', () => process.exit(code));
