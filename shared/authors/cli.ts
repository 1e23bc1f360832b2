/** The commands of authors: `npm run author` and one of the words below. Each loads what it needs and nothing else. */
import { refuse, runCommandLine, type Commands } from '../engine/cli/command-line.ts';
import { findLesson } from '../engine/cli/verbs.ts';
import { UsageError } from '../engine/terminal/usage-error.ts';

const helpText = `npm run author …
  new 11 "Its title"  a new lesson, complete from the first moment on
  verify              all that has to hold before a change is done
  starters            derive every starter from its solution
  pin 3               write what the checks say into lesson 3's wrong-answers.md
  bench services      how fast the services are; bench commands: what the workbook adds to running and checking
  interop             the solutions with gRPC for Python, and with buf
  hostile             the solutions under attack
  flake 5             the tests again and again
  mutation lesson:3   how many small changes the tests notice`;

const commands: Commands = {
  help: async () => {
    console.log(helpText);
    return 0;
  },
  new: async ([number, title, ...rest]) => {
    refuse(rest, 'new takes a number and a title, in quotes.');
    const { newLesson } = await import('./new-lesson.ts');
    return newLesson(number, title);
  },
  starters: async (args) => {
    refuse(args, 'starters takes nothing.');
    const { writeStarters } = await import('./verify/starters-match.ts');
    return writeStarters();
  },
  hostile: async (args) => {
    const flags = args.filter((arg) => arg.startsWith('-'));
    refuse(flags, 'hostile takes parts of the names of its test files, and no flags.');
    const { hostile } = await import('./hostile/hostile.ts');
    return hostile(args);
  },
  pin: async (args) => {
    const numbers = args.map((arg) => findLesson(arg).number);
    const { pinWrongAnswers } = await import('./verify/answers.ts');
    return pinWrongAnswers(numbers);
  },
  bench: async (args) => {
    const isQuick = args.includes('--quick');
    const [name, ...rest] = args.filter((arg) => arg !== '--quick');
    if (name !== 'services' && name !== 'commands') {
      throw new UsageError(
        'Say what to measure: npm run author bench services, or npm run author bench commands (or: npm run author bench services -- --quick).',
      );
    }
    refuse(rest, `bench ${name} takes no flag but --quick.`);
    if (name === 'commands') return (await import('./bench/commands/commands.ts')).benchCommands(isQuick);
    return (await import('./bench/services/services.ts')).benchServices(isQuick);
  },
  interop: async (args) => {
    const flags = args.filter((arg) => arg.startsWith('-'));
    refuse(flags, 'interop takes parts of the names of its test files, and no flags.');
    const { interop } = await import('./interop/interop.ts');
    return interop(args);
  },
  flake: async ([times, ...rest]) => {
    refuse(rest, 'flake takes one number at most: how often to run the suite.');
    if (times !== undefined && !/^[1-9]\d*$/.test(times)) {
      throw new UsageError(`"${times}" is no number of runs, for example: npm run author flake 10`);
    }
    const { flake } = await import('./verify/flake.ts');
    return flake(times === undefined ? undefined : Number(times));
  },
  mutation: async (args) => {
    const flags = args.filter((arg) => arg.startsWith('-'));
    refuse(flags, 'mutation takes groups, such as lesson:3 or lib/grpc, and no flags.');
    const { mutation } = await import('./mutation/mutation.ts');
    return mutation(args);
  },
  verify: async (args) => {
    refuse(
      args.filter((arg) => arg !== '--tested'),
      'verify takes no flag but --tested, which leaves out what npm test runs.',
    );
    const { verify } = await import('./verify/verify.ts');
    return verify(args.includes('--tested'));
  },
};

const helpFor = (_name: string, args: string[]): string | undefined =>
  args.includes('--help') || args.includes('-h') ? helpText : undefined;

await runCommandLine(commands, process.argv.slice(2), 'help', helpFor);
