/** What a process of checks and the watch that has started it tell each other. */
import type { Seen } from '../grade.ts';

/** From the watch: run the checks; these files have changed since the last run. */
export interface ToChecks {
  changed: string[];
}

/** From the process of checks: what was seen. When they did not come to their end, the process is of no more use. */
export interface FromChecks {
  seen: Seen;
  ended: boolean;
}
