import type { Grade, GradedStep, State } from '../check/grade.ts';
import type { Half } from '../lesson/paths.ts';
import type { CompilerError } from '../check/type-errors.ts';

/** Why a check failed. */
export interface FailureDocument {
  /** The check that failed: a sentence about what the code should do. */
  check: string;
  /** What was expected; empty when the code itself failed. */
  expected: string;
  /** What came instead. */
  came: string;
  /** What to do about it; may be empty. */
  advice: string;
  /** `file:line`, or the file alone when the line is not known; from the workbook's top folder on. */
  at: string;
}

/** A step, or both halves together, as it was graded. `failure` is there when `state` is "failed". */
export interface ResultDocument {
  state: State;
  failure?: FailureDocument;
}

/** A step of a lesson, with its grade. */
export interface StepDocument extends ResultDocument {
  number: number;
  title: string;
  /** Which file of the pair it is written in. */
  half: Half;
}

/** A lesson, with its grades. */
export interface LessonDocument {
  number: number;
  folder: string;
  title: string;
  steps: StepDocument[];
  /** The last check, which pairs the two halves with each other. It counts as no step. */
  together: ResultDocument;
  /** What the TypeScript compiler says of the lesson's files. No step fails for it. */
  compilerErrors: CompilerError[];
  /** Why the checks could not be run, when they could not: then no step was checked. */
  broken?: string;
}

/** What `check -- --json` prints; README.md shows it. Fields may be added; when one changes, `version` must too. */
export interface GradesDocument {
  version: 1;
  /** How many steps have passed, in all lessons. */
  passed: number;
  /** How many steps there are, in all lessons. */
  total: number;
  lessons: LessonDocument[];
}

const resultOf = ({ state, failed }: Pick<GradedStep, 'state' | 'failed'>, where: string): ResultDocument => {
  if (!failed) return { state };
  const { expected, came, advice, at } = failed.failure;
  return { state, failure: { check: failed.check, expected, came, advice, at: at || where } };
};

/** Says grades in a form for programs. */
export const gradesDocument = (grades: Grade[], errors: CompilerError[]): GradesDocument => {
  const steps = grades.flatMap((grade) => grade.steps);
  return {
    version: 1,
    passed: steps.filter(({ state }) => state === 'passed').length,
    total: steps.length,
    lessons: grades.map((grade) => {
      const { number, folder, title } = grade.lesson;
      return {
        number,
        folder,
        title,
        steps: grade.steps.map((step) => ({
          number: step.number,
          title: step.title,
          half: step.half,
          ...resultOf(step, `lessons/${folder}/${step.half}.ts`),
        })),
        together: resultOf(grade.together, `lessons/${folder}/`),
        compilerErrors: errors.filter(({ file }) => file.startsWith(`lessons/${folder}/`)),
        ...(grade.broken !== undefined && { broken: grade.broken }),
      };
    }),
  };
};
