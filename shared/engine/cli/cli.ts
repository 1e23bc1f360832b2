/**
 * Where every command begins. It finds out what was asked for, loads what that needs and nothing else,
 * and leaves with the command's exit code: 0 passed, 1 a check failed, 2 used wrongly, 130 interrupted.
 */
import { allLessons, questionsOf } from '../lesson/lessons.ts';
import { readLessonCommand, refuseSwallowed, type LessonCommand } from '../run/lesson-flags.ts';
import { didYouMean, UsageError } from '../terminal/usage-error.ts';
import { refuse, runCommandLine, type Commands } from './command-line.ts';
import { findLesson, verbsOf, type Verb } from './verbs.ts';

/** The help of a command, with the number of a lesson in it. */
const help = (number: string): string => {
  const lesson = allLessons().find((each) => String(each.number) === number);
  const row = (command: string, text: string): string => `${command.padEnd(33)} ${text}`;
  return [
    row('npm start', 'the menu: where you are, and what comes next'),
    row('npm run check', 'grade every lesson (or: npm run check 3 5)'),
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
  --own          check the task at the end of a lesson in place of its steps
  --json         the grades of a check for programs: npm run --silent check -- --json
  --no-color     plain text
The client's questions can be answered ahead by flags too: the lesson's README lists them.`,
  ].join('\n');
};

/** Refuses what a word does not take, with a sentence on why. */
const refuseMisfits = (name: string, { flags, takes }: Verb, command: LessonCommand): void => {
  const { answers, json, own, yes, host, port, rest } = command;
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
  if (own && !flags.includes('own')) throw new UsageError('Leave out --own: it stands behind check.');
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
  const { verb: name, host, port, answers, rest, yes, json, own } = command;
  if (name === undefined) {
    if (host !== undefined || port !== undefined) {
      throw new UsageError(
        `--host and --port are for one half: npm run lesson:${lesson.number} server -- --port 50052. A pair takes a free port by itself.`,
      );
    }
    if (json)
      throw new UsageError(`--json is for grades: npm run --silent lesson:${lesson.number} check -- --json`);
    if (own) {
      throw new UsageError(`--own is for grades: npm run lesson:${lesson.number} check -- --own`);
    }
    if (yes) throw new UsageError('Leave out --yes: running a pair asks nothing that it could answer.');
    const { runPair } = await import('../run/run.ts');
    return runPair(lesson, { answers, rest });
  }
  const verbs = verbsOf(lesson);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) {
    refuseSwallowed(questionsOf(lesson.folder), []);
    const known = Object.keys(verbs);
    throw new UsageError(
      `Lesson ${lesson.number} cannot "${name}".${didYouMean(name, known)} It can: ${known.join(', ')}; without a word it runs both halves.`,
    );
  }
  refuseMisfits(name, verb, command);
  return verb.run(lesson, command);
};

const commands: Commands = {
  lesson: runLesson,
  start: async (args) => {
    refuse(
      args.filter((arg) => arg !== '--no-color'),
      'npm start takes nothing but --no-color.',
    );
    const { start } = await import('../commands/start.ts');
    return start();
  },
  check: async (args) => {
    const { verb, answers, json, own, host, port, yes, rest } = readLessonCommand(args);
    const misfits = [
      host !== undefined && '--host',
      port !== undefined && '--port',
      yes && '--yes',
      own && '--own',
    ];
    refuse(
      [...misfits.filter((flag) => flag !== false), ...rest.filter((word) => word.startsWith('-'))],
      'npm run check takes the numbers of lessons, and no flag but --solution and --json.',
    );
    const lessons = verb === undefined ? allLessons() : [...new Set([verb, ...rest])].map(findLesson);
    const { check } = await import('../commands/check.ts');
    return check(lessons, answers, json);
  },
  doctor: async (args) => {
    refuse(args, 'npm run doctor takes nothing.');
    const { doctor } = await import('../commands/doctor.ts');
    return doctor();
  },
  generate: async (args) => {
    refuse(args, 'npm run generate takes nothing.');
    const { writeTypes } = await import('../lesson/generated-types.ts');
    return writeTypes();
  },
};

const helpFor = (name: string, args: string[]): string | undefined => {
  const asked = args.includes('--help') || args.includes('-h') || args[name === 'lesson' ? 1 : 0] === 'help';
  return asked ? help(name === 'lesson' ? args[0]! : 'N') : undefined;
};

await runCommandLine(commands, process.argv.slice(2), 'start', helpFor);
