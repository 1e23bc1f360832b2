import { hanging, paint } from '../terminal/style.ts';
import { allLessons } from '../lesson/lessons.ts';
import { nextStep } from './next-step.ts';
import { remembered } from '../check/progress.ts';
import { standingOf, type Standing } from './standing.ts';

/** @returns where the learner stands in each lesson, in order */
export const allStandings = (): Standing[] => {
  const progress = remembered();
  return allLessons().map((lesson) => standingOf(lesson, progress[lesson.folder]));
};

/** @returns where the learner is: the first lesson that is not done; undefined when all are */
export const currentOf = (standings: Standing[]): Standing | undefined => standings.find(({ done }) => !done);

/** @returns a few words on how far a lesson is, for example `2 of 5 steps passed, step 3 failed` */
const stepsText = ({ steps, done, passedBefore }: Standing): string => {
  if (done) return `done, ${steps.length} steps`;
  if (passedBefore !== undefined)
    return `was ${passedBefore} of ${steps.length}, and has changed since: not checked`;
  const count = (known: string): number => steps.filter((step) => step.known === known).length;
  if (count('to do') === steps.length) return `${steps.length} steps to write`;
  const failed = steps.filter(({ known }) => known === 'failed').map(({ number }) => number);
  return [
    `${count('passed')} of ${steps.length} steps passed`,
    failed.length > 0 && `step${failed.length > 1 ? 's' : ''} ${failed.join(' and ')} failed`,
    count('written') > 0 && `${count('written')} not checked`,
  ]
    .filter((part) => part !== false)
    .join(', ');
};

/** @returns how far a lesson is; the star comes with words, for those who cannot see it */
export const progressText = (standing: Standing): string =>
  `${stepsText(standing)}${standing.own ? ' · on your own ★' : ''}`;

/** Prints the map of the lessons: how far each one is, and where the learner is. */
export const printMap = (standings: Standing[]): void => {
  const current = currentOf(standings);
  console.log(paint.bold('gRPC Workbook\n'));
  for (const standing of standings) {
    const { number, title } = standing.lesson;
    const here = standing === current;
    const mark = `${here ? '>' : ' '} ${String(number).padStart(2)}  `;
    const text = hanging(mark, `${title} · ${progressText(standing)}`);
    console.log(here ? paint.bold(text) : standing.done ? paint.green(text) : text);
  }
  console.log(`\n${current ? nextStep(current) : 'Every lesson is done. Well worked!'}`);
};
