/** The channel on which the checks tell the command how they go, as they go: a check that loops without end can tell nothing later. */
export const progressChannel = 'grpc-workbook:progress';

/** The title of the last `describe`, in every lesson. */
export const togetherTitle = 'Both halves together';

/** The part of a README with the task at the end of a lesson; the title of its checks begins with it. */
export const ownTaskTitle = 'On your own';

/** Why a check failed, in words for the learner. */
export interface Failure {
  /** What was expected; empty when the learner's code itself failed. */
  expected: string;
  /** What came instead. */
  came: string;
  /** What to do about it; may be empty. */
  advice: string;
  /** `file:line` in the learner's files; empty when it is not known. */
  at: string;
  /** Whether the file that is named there could not be loaded at all: then no step of it is to blame. */
  notLoaded?: true;
  /** What went over the wire meanwhile: a line for each thing that one side saw or did, the side first. */
  timeline?: string[];
}

/** What the checks tell each second: a loop without end stops it, and a long wait does not. */
export const stillAlive = { type: 'still alive' } as const;

/** What the checks tell. */
export type Progress = {
  /** The file of the checks, as an absolute path. */
  file: string;
} & (
  | { type: 'began' | 'passed'; group: string; check: string }
  | { type: 'failed'; group: string; check: string; failure: Failure }
);
