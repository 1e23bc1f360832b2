import type { LessonCommand } from '../run/lesson-flags.ts';
import { allLessons, type Lesson } from '../lesson/lessons.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** A word behind `npm run lesson:N`, and what it does. All of them are loaded late: a command loads only its own. */
export interface Verb {
  /** What it does, for the help. */
  help: string;
  /** Which of the workbook's own flags it takes. */
  flags: readonly ('solution' | 'json' | 'own' | 'host' | 'port' | 'yes')[];
  /** What may stand behind it: words of its own, or the flags that answer a lesson's questions. Nothing by default. */
  takes?: 'word' | 'words' | 'answers';
  /** Does it, and returns the exit code. */
  run: (lesson: Lesson, command: LessonCommand) => Promise<number>;
}

const half =
  (which: 'server' | 'client'): Verb['run'] =>
  async (lesson, { answers, host, port, rest }) => {
    const { runHalf } = await import('../run/run.ts');
    return runHalf(lesson, which, { answers, host, port, rest });
  };

/** The words that every lesson understands. */
const common: Readonly<Record<string, Verb>> = {
  server: {
    help: 'run the server alone, for two terminals',
    flags: ['solution', 'host', 'port'],
    takes: 'answers',
    run: half('server'),
  },
  client: {
    help: 'run the client alone',
    flags: ['solution', 'host', 'port'],
    takes: 'answers',
    run: half('client'),
  },
  check: {
    help: 'grade your steps (or, behind --, with --own: the task "On your own")',
    flags: ['solution', 'json', 'own'],
    run: async (lesson, { answers, json, own }) =>
      own
        ? (await import('../commands/own-task.ts')).checkOwnTask(lesson, { answers, json })
        : (await import('../commands/check.ts')).check([lesson], answers, json),
  },
  watch: {
    help: 'grade them again at each save',
    flags: [],
    run: async (lesson) => (await import('../commands/watch/watch.ts')).watch(lesson),
  },
  hint: {
    help: 'a hint for the step you are at; asked again, a stronger one (or: hint 3)',
    flags: [],
    takes: 'word',
    run: async (lesson, { rest }) => (await import('../commands/hint.ts')).hint(lesson, rest[0]),
  },
  reveal: {
    help: 'the solution of that one step (or: reveal 3)',
    flags: ['yes'],
    takes: 'word',
    run: async (lesson, { rest, yes }) =>
      (await import('../commands/reveal.ts')).reveal(lesson, rest[0], yes),
  },
  diff: {
    help: 'your files beside the solution',
    flags: [],
    run: async (lesson) => (await import('../commands/diff.ts')).compare(lesson),
  },
  reset: {
    help: 'put the starter back, and keep what you have (or: reset server, reset 3, reset undo)',
    flags: ['yes'],
    takes: 'word',
    run: async (lesson, { rest, yes }) => (await import('../commands/reset.ts')).reset(lesson, rest[0], yes),
  },
  read: {
    help: "the lesson's text, in the terminal (or: read idea, read step 2, read answers)",
    flags: [],
    takes: 'words',
    run: async (lesson, { rest }) =>
      (await import('../commands/read.ts')).read(lesson, rest.join(' ') || undefined),
  },
};

/** The words of each lesson that has some of its own, such as `npm run lesson:10 certs`. What they do lies beside what it is about. */
const own: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  '10-secure-connection': {
    certs: {
      help: 'make or renew the certificates',
      // They are the same for both.
      flags: ['solution'],
      run: async () => (await import('../commands/certs.ts')).certs(),
    },
  },
};

/** @returns the words that a lesson understands, by name; without a lesson, those of every lesson */
export const verbsOf = (lesson?: Pick<Lesson, 'folder'>): Readonly<Record<string, Verb>> => ({
  ...common,
  ...(lesson && own[lesson.folder]),
});

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
