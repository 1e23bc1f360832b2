/** The commands of authors: `npm run author` and one of the words below. Each loads what it needs and nothing else. */
import { Argument, InvalidArgumentError } from 'commander';
import { runCommandLine } from '../engine/cli/command-line.ts';
import { findLesson } from '../engine/cli/lesson-command.ts';
import { WorkbookCommand } from '../engine/terminal/workbook-command.ts';

const program = new WorkbookCommand('npm run author');
program
  .word('new <number> <title>', 'a new lesson, complete from the first moment on: new 11 "Its title"')
  .runs(async (number: string, title: string) => (await import('./new-lesson.ts')).newLesson(number, title));
program
  .word('verify', 'all that has to hold before a change is done')
  .option('--tested', 'leaves out what npm test runs')
  .runs(async ({ tested = false }) => (await import('./verify/verify.ts')).verify(tested));
program
  .word('starters', 'derive every starter from its solution')
  .runs(async () => (await import('./verify/starters-match.ts')).writeStarters());
program
  .word('pin [numbers...]', "write what the checks say into the lessons' wrong-answers.md")
  .runs(async (numbers: string[]) => {
    const lessons = numbers.map((text) => findLesson(text).number);
    return (await import('./verify/answers.ts')).pinWrongAnswers(lessons);
  });
program
  .word('bench', 'how fast the services are, or what the workbook adds to running and checking')
  .addArgument(new Argument('<what>').choices(['services', 'commands']))
  .option('--quick')
  .runs(async (what: string, { quick = false }) =>
    what === 'commands'
      ? (await import('./bench/commands/commands-bench.ts')).benchCommands(quick)
      : (await import('./bench/services/services-bench.ts')).benchServices(quick),
  );
program
  .word(
    'interop [files...]',
    'the solutions with gRPC for Python, and with buf; or parts of the names of its tests',
  )
  .runs(async (files: string[]) => (await import('./interop/interop.ts')).interop(files));
program
  .word('hostile [files...]', 'the solutions under attack; or parts of the names of its tests')
  .runs(async (files: string[]) => (await import('./hostile/hostile.ts')).hostile(files));
program
  .word('flake', 'the tests again and again')
  .argument('[times]', 'how often', (text) => {
    if (!/^[1-9]\d*$/.test(text))
      throw new InvalidArgumentError('Say how often, for example: npm run author flake 10');
    return Number(text);
  })
  .runs(async (times?: number) => (await import('./verify/flake.ts')).flake(times));
program
  .word('mutation [groups...]', 'how many small changes the tests notice, such as in lesson:3 or lib/grpc')
  .runs(async (groups: string[]) => (await import('./mutation/mutation.ts')).mutation(groups));

await runCommandLine(() =>
  program.parseAsync(process.argv.length > 2 ? process.argv.slice(2) : ['help'], { from: 'user' }),
);
