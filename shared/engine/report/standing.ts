import type { State } from '../check/grade.ts';
import { stepsOf, todosOf, type Lesson, type Step, type Todo } from '../lesson/lessons.ts';
import { fingerprint, type LessonProgress } from '../check/progress.ts';

/** What is known of a step without running its checks. `written`: there is code, and no check has seen it as it is. */
export type Known = Exclude<State, 'not checked'> | 'written';

/** A step, and what is known of it. */
export interface StandingStep extends Step {
  known: Known;
  /** Where its TODO line stands, while it does. */
  todo?: Todo;
}

/** Where a learner stands in a lesson. */
export interface Standing {
  lesson: Lesson;
  steps: StandingStep[];
  /** Whether everything has passed, both halves together as well, and nothing has changed since. */
  done: boolean;
  /** How many steps had passed when the files were checked last, where they have changed since. */
  passedBefore?: number;
  /** Whether the task "On your own" has passed. */
  own?: true;
}

/**
 * Finds out where a learner stands, from the files as they are and from what the checks said last. What they said of
 * other files than these counts for nothing.
 */
export const standingOf = (lesson: Lesson, progress: LessonProgress | undefined): Standing => {
  const current = progress?.files === fingerprint(lesson.folder) ? progress : undefined;
  const todos = new Map(todosOf(lesson.folder).map((todo) => [todo.number, todo]));
  const steps = stepsOf(lesson.folder).map((step): StandingStep => {
    const todo = todos.get(step.number);
    if (todo) return { ...step, known: 'to do', todo };
    const said = current?.steps[step.number];
    return { ...step, known: said === 'passed' || said === 'failed' ? said : 'written' };
  });
  const done = current?.together === 'passed' && steps.every(({ known }) => known === 'passed');
  const before = Object.values(progress?.steps ?? {}).filter((state) => state === 'passed').length;
  return {
    lesson,
    steps,
    done,
    ...(!current && before > 0 && { passedBefore: before }),
    ...(progress?.own && { own: true }),
  };
};

/**
 * @returns the first step that is not done; undefined when only the checks can tell which that is, or when none is left
 */
export const firstUndone = ({ steps }: Standing): StandingStep | undefined => {
  const first = steps.find(({ known }) => known !== 'passed');
  return first?.known === 'written' ? undefined : first;
};
