import { gradeLessons } from '../check/grade-lessons.ts';
import type { Lesson } from '../lesson/lessons.ts';
import { remembered } from '../check/progress.ts';
import { firstUndone, standingOf, type StandingStep } from './standing.ts';
import { UsageError } from '../terminal/usage-error.ts';

/**
 * Finds the step that a learner is at. Runs the checks when only they can tell.
 *
 * @returns the first step that is not done; undefined when every step has passed
 */
export const undoneStep = async (lesson: Lesson): Promise<StandingStep | undefined> => {
  const standing = standingOf(lesson, remembered()[lesson.folder]);
  const known = firstUndone(standing);
  if (known || standing.steps.every((step) => step.known === 'passed')) return known;
  const [grade] = await gradeLessons([lesson], 'lessons');
  const number = grade?.steps.find(({ state }) => state !== 'passed')?.number;
  return standing.steps.find((step) => step.number === number);
};

/**
 * Finds the step that a command is about.
 *
 * @param word - the number of a step as it was typed; undefined for the first one that is not done
 * @returns the step; undefined when none was named and none is left to do
 * @throws UsageError when there is no such step
 */
export const stepAsked = async (
  lesson: Lesson,
  word: string | undefined,
): Promise<StandingStep | undefined> => {
  if (word === undefined) return undoneStep(lesson);
  const { steps } = standingOf(lesson, remembered()[lesson.folder]);
  const step = steps.find(({ number }) => String(number) === word);
  if (step) return step;
  const numbers = steps.map(({ number }) => number).join(', ');
  throw new UsageError(`Lesson ${lesson.number} has no step "${word}". Its steps are ${numbers}.`);
};
