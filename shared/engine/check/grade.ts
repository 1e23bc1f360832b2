import { togetherTitle, type Failure } from './check-events.ts';
import type { Lesson, Step, Todo } from '../lesson/lessons.ts';

/** One check, as it went. */
export interface SeenCheck {
  /** The title of its `describe`. */
  group: string;
  check: string;
  result: 'running' | 'passed' | 'failed';
  failure?: Failure;
}

/** What was seen of a lesson's checks. */
export interface Seen {
  checks: SeenCheck[];
  /** What the learner's code printed meanwhile. */
  output: string[];
  /** Why the file of the checks could not be run at all. */
  broken?: string;
}

/** What is said of a step, or of both halves together. */
export type State = 'passed' | 'failed' | 'to do' | 'not checked';

/** A step with its grade. */
export interface GradedStep extends Step {
  state: State;
  /** The check that failed, and why. */
  failed?: { check: string; failure: Failure };
  /** Where its TODO line stands, while it does. */
  todo?: Todo;
  /** The step without which this one could not be checked. */
  needs?: number;
}

/** A lesson with its grades. */
export interface Grade {
  lesson: Lesson;
  steps: GradedStep[];
  /** The last check, which pairs the learner's halves with each other. */
  together: Pick<GradedStep, 'state' | 'failed'>;
  output: string[];
  broken?: string;
}

const endless: Failure = {
  expected: '',
  came: 'your code did not come back, and nothing else could run',
  advice: 'Look for a loop that never ends, or that waits without await.',
  at: '',
};

/** @returns the number of an unwritten step that made a check fail */
const missingStep = (failed: GradedStep['failed'], lesson: Lesson, todos: Todo[]): number | undefined => {
  const [, number, step] =
    /^Lesson (\d+), step (\d+) is not written yet/.exec(failed?.failure.came ?? '') ?? [];
  return Number(number) === lesson.number
    ? todos.find((todo) => todo.number === Number(step))?.number
    : undefined;
};

/** @returns the state of what some checks belong to: of a step, say */
export const stateOf = (checks: SeenCheck[]): Pick<GradedStep, 'state' | 'failed'> => {
  const failed = checks.find(({ result }) => result !== 'passed');
  if (failed) return { state: 'failed', failed: { check: failed.check, failure: failed.failure ?? endless } };
  return { state: checks.length > 0 ? 'passed' : 'not checked' };
};

/** Grades a lesson. */
export const gradeOf = (lesson: Lesson, steps: Step[], todos: Todo[], seen: Seen): Grade => {
  const graded = steps.map((step): GradedStep => {
    const checks = seen.checks.filter(({ group }) => group.startsWith(`Step ${step.number} · `));
    const todo = todos.find(({ number }) => number === step.number);
    const state = stateOf(checks);
    // Where the file cannot be loaded at all, that has to be said first.
    if (todo && !state.failed?.failure.notLoaded) return { ...step, state: 'to do', todo };
    const needs = missingStep(state.failed, lesson, todos);
    return needs === undefined ? { ...step, ...state } : { ...step, state: 'not checked', needs };
  });
  const pair = stateOf(seen.checks.filter(({ group }) => group === togetherTitle));
  const failed = graded.some(({ state }) => state === 'failed');
  // What fails alone fails together too: that would be said twice.
  const together =
    todos.length > 0 ? { state: 'to do' as const } : failed ? { state: 'not checked' as const } : pair;
  return {
    lesson,
    steps: graded,
    together,
    output: seen.output,
    ...(seen.broken !== undefined && { broken: seen.broken }),
  };
};
