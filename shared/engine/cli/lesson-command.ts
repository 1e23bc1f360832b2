import { InvalidArgumentError } from 'commander';
import { allLessons, questionsOf, type Lesson } from '../lesson/lessons.ts';
import { halves, type AnswersFolder } from '../lesson/paths.ts';
import { ownFlags, refuseKept } from '../run/flags.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { WorkbookCommand } from '../terminal/workbook-command.ts';

/** The flags of a word, as far as it has declared them. */
interface Flags {
  solution?: boolean;
  json?: boolean;
  own?: boolean;
  yes?: boolean;
  port?: number | undefined;
  host?: string | undefined;
}

/** @returns whose answers a command is about */
export const answersOf = ({ solution }: Flags): AnswersFolder => (solution ? 'solutions' : 'lessons');

/**
 * @param text - the number of a lesson, as typed
 * @throws UsageError when there is no such lesson
 */
export const findLesson = (text: string | undefined): Lesson => {
  const lessons = allLessons();
  const lesson = lessons.find(({ number }) => String(number) === text);
  if (lesson) return lesson;
  const numbers = lessons.map(({ number }) => `lesson:${number}`).join(', ');
  throw new UsageError(`There is no lesson ${text ?? 'without a number'}. These are there: ${numbers}.`);
};

const nameOf = ({ number }: Lesson): string => `npm run lesson:${number}`;

/** Without a word both halves run. */
const pairCommand = (lesson: Lesson): WorkbookCommand => {
  const refusePort = (): never => {
    throw new InvalidArgumentError(
      `A pair takes a free port by itself. A half that runs alone takes yours: ${nameOf(lesson)} server -- --port 50052`,
    );
  };
  return new WorkbookCommand(nameOf(lesson))
    .addOption(ownFlags.solution())
    .addOption(ownFlags.port().hideHelp().argParser(refusePort))
    .addOption(ownFlags.host().hideHelp().argParser(refusePort))
    .allowUnknownOption()
    .allowExcessArguments()
    .runs(async (flags: Flags, { args }: WorkbookCommand) => {
      const { runPair } = await import('../run/run.ts');
      return runPair(lesson, { answers: answersOf(flags), rest: args });
    });
};

/** The words behind `npm run lesson:N`. What a word does is loaded when it is asked for: a command loads only its own. */
const lessonCommand = (lesson: Lesson): WorkbookCommand => {
  const command = new WorkbookCommand(nameOf(lesson))
    .description(`Lesson ${lesson.number} · ${lesson.title}. Without a word, server and client run together.`)
    .addHelpText(
      'after',
      `
Flags stand behind --, for example: ${nameOf(lesson)} -- --solution
${nameOf(lesson)} help check tells the flags of one word. The flags that
answer the client's questions ahead are in the lesson's README. --no-color
gives plain text.

  npm start           the menu: where you are, and what comes next
  npm run check       grade every lesson (or: npm run check 3 5)
  npm run doctor      look for what is wrong on this machine`,
    ) as WorkbookCommand;
  for (const half of halves) {
    command
      .word(half, half === 'server' ? 'run the server alone, for two terminals' : 'run the client alone')
      .addOption(ownFlags.solution())
      .addOption(ownFlags.port())
      .addOption(ownFlags.host())
      .allowUnknownOption()
      .allowExcessArguments()
      .runs(async ({ host, port, ...flags }: Flags, { args }: WorkbookCommand) => {
        const { runHalf } = await import('../run/run.ts');
        return runHalf(lesson, half, { answers: answersOf(flags), host, port, rest: args });
      });
  }
  command
    .word('check', 'grade your steps')
    .addOption(ownFlags.solution())
    .addOption(ownFlags.json())
    .addOption(ownFlags.own())
    .runs(async (flags: Flags) => {
      const options = { answers: answersOf(flags), json: flags.json === true };
      if (flags.own) return (await import('../commands/own-task.ts')).checkOwnTask(lesson, options);
      return (await import('../commands/check.ts')).check([lesson], options.answers, options.json);
    });
  command
    .word('watch', 'grade them again at each save')
    .runs(async () => (await import('../commands/watch/watch.ts')).watch(lesson));
  command
    .word('hint [step]', 'a hint for the step you are at; asked again, a stronger one')
    .runs(async (step?: string) => (await import('../commands/hint.ts')).hint(lesson, step));
  command
    .word('reveal [step]', 'the solution of that one step')
    .addOption(ownFlags.yes())
    .runs(async (step: string | undefined, { yes = false }: Flags) =>
      (await import('../commands/reveal.ts')).reveal(lesson, step, yes),
    );
  command
    .word('diff', 'your files beside the solution')
    .runs(async () => (await import('../commands/diff.ts')).compare(lesson));
  command
    .word('reset [what]', 'put the starter back, and keep what you have (reset server, reset 3, reset undo)')
    .addOption(ownFlags.yes())
    .runs(async (what: string | undefined, { yes = false }: Flags) =>
      (await import('../commands/reset.ts')).reset(lesson, what, yes),
    );
  command
    .word('read [part...]', "the lesson's text, in the terminal (read idea, read step 2, read answers)")
    .runs(async (part: string[]) =>
      (await import('../commands/read.ts')).read(lesson, part.join(' ') || undefined),
    );
  if (lesson.folder === '10-secure-connection') {
    command
      .word('certs', 'make or renew the certificates')
      .addOption(ownFlags.solution().hideHelp())
      .runs(async () => (await import('../commands/certs.ts')).certs());
  }
  return command;
};

/** Runs what was typed behind `npm run lesson`. @throws UsageError when it was typed wrongly */
export const runLesson = async ([number, ...args]: string[]): Promise<void> => {
  const lesson = findLesson(number);
  const [word = '--'] = args;
  const words = lessonCommand(lesson);
  // What npm has kept leaves its value behind, which looks like a word.
  if (!words.commands.some((each) => each.name() === word)) refuseKept(questionsOf(lesson.folder));
  const isPair = word.startsWith('-') && !/^(-h|--help)$/.test(word);
  await (isPair ? pairCommand(lesson) : words).parseAsync(args, { from: 'user' });
};
