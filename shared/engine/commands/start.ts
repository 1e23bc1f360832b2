import { canPrompt, Interrupted, prompt } from '#shared/terminal/prompt.ts';
import { indented, paint } from '../terminal/style.ts';
import { nowIn } from '../terminal/key-or-command.ts';
import { runCommand } from './run-command.ts';
import { startProblems } from './doctor/start-problems.ts';
import { allStandings, currentOf, printMap, progressText } from '../report/map.ts';
import { nextStep } from '../report/next-step.ts';
import type { Standing } from '../report/standing.ts';

/** What the menu offers for a lesson: what is shown, and what is run behind `lesson N`. */
const offers = {
  read: ["read      the lesson's text", ['read']],
  watch: ['watch     work: graded at each save', ['watch']],
  run: ['run       server and client together', []],
  check: ['check     grade it once', ['check']],
  hint: ['hint      for the step you are at', ['hint']],
  reveal: ['reveal    the solution of that step', ['reveal']],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

const reset = 'reset     put the starter back';
const solution = 'solution  the finished pair';
const other = 'lessons   go to another lesson';
const quit = 'quit';

const nextLesson = ({ lesson }: Standing): string => `next      lesson ${lesson.number} · ${lesson.title}`;

/** What most people want next, and Enter alone gives. */
const likely = ({ steps, done }: Standing, following: Standing | undefined): string => {
  if (done) return following ? nextLesson(following) : quit;
  return steps.every(({ known }) => known === 'to do') ? offers.read[0] : offers.watch[0];
};

/** Asks, and takes Esc for an answer: back to where the person came from. */
const choose = async (message: string, choices: string[], initial: string): Promise<string | undefined> => {
  try {
    return await prompt(message, { choices, initial });
  } catch (error) {
    if (error instanceof Interrupted && error.key === 'Esc') return undefined;
    throw error;
  }
};

/** @returns another lesson, or the same one when the person goes back */
const chooseLesson = async (standings: Standing[], current: Standing): Promise<Standing> => {
  const lines = standings.map(({ lesson, steps, done, own }) => {
    const passed = steps.filter(({ known }) => known === 'passed').length;
    // How far it is stands before the title: on a narrow terminal the end is cut.
    return `${String(lesson.number).padStart(2)}  ${(done ? 'done' : `${passed} of ${steps.length}`).padEnd(6)}  ${lesson.title}${own ? ' · on your own ★' : ''}`;
  });
  const line = await choose('Which lesson?', lines, lines[standings.indexOf(current)]!);
  return standings[lines.indexOf(line ?? '')] ?? current;
};

/** Which part of a lesson to put back, as `reset` takes it; undefined when the person goes back. */
const chooseReset = async ({ steps }: Standing): Promise<string[] | undefined> => {
  const whole = 'the whole lesson';
  const lines = [whole, 'server', 'client', ...steps.map(({ number, title }) => `${number} · ${title}`)];
  const line = await choose('What shall be put back? (what you have is kept)', lines, whole);
  return line === undefined ? undefined : line === whole ? [] : [line.split(' ')[0]!];
};

const showSolution = async (number: string): Promise<void> => {
  const run = 'run it';
  const line = await choose('What about the finished pair?', [run, 'set it beside my files'], run);
  if (line !== undefined)
    await runCommand(line === run ? ['lesson', number, '--solution'] : ['lesson', number, 'diff']);
};

/** Offers what can be done in the lesson, again and again, until the person leaves. */
const menu = async (number: number): Promise<number> => {
  for (let at = number; ;) {
    const standings = allStandings();
    const standing = standings.find(({ lesson }) => lesson.number === at)!;
    const { title } = standing.lesson;
    const following = standings.find(({ lesson }) => lesson.number === at + 1);
    console.log(`\n${paint.bold(indented(`Lesson ${at} · ${title} · ${progressText(standing)}`, 0))}`);
    const choices = [
      ...Object.values(offers).map(([line]) => line),
      reset,
      solution,
      ...(following ? [nextLesson(following)] : []),
      other,
      quit,
    ];
    const line = await choose('What would you like to do?', choices, likely(standing, following));
    const offer = Object.values(offers).find(([text]) => text === line);
    if (line === undefined || line === quit) return 0;
    if (offer) await runCommand(['lesson', String(at), ...offer[1]]);
    else if (line === solution) await showSolution(String(at));
    else if (line === reset) {
      const what = await chooseReset(standing);
      if (what) await runCommand(['lesson', String(at), 'reset', ...what]);
    } else {
      const chosen = line === other ? await chooseLesson(standings, standing) : following!;
      at = chosen.lesson.number;
      console.log(`\n${nextStep(chosen)}`);
    }
  }
};

/** `npm start`: the map of the lessons, what comes next, and a menu. Without a terminal it prints the map and ends. */
export const start = async (): Promise<number> => {
  nowIn('menu');
  const standings = allStandings();
  printMap(standings);
  for (const problem of startProblems()) console.error(indented(`\n${problem}`, 0));
  if (!canPrompt()) return 0;
  return menu((currentOf(standings) ?? standings.at(-1)!).lesson.number);
};
