import { placeText } from '../../lesson/stack-trace.ts';
import type { Fault } from '../../wire/faults.ts';
import { tell } from './command-link.ts';

/**
 * Prints what went wrong in the learner's code: the message, and the lines of their files that led there.
 *
 * @param print - where to: a server's faults belong into its log, a client's are its last words
 */
export const printFault = (fault: Fault, print: (line: string) => void): void => {
  print(`! ${fault.message}`);
  if (fault.kind === 'unwritten') {
    tell({ type: 'unfinished' });
    return;
  }
  for (const place of fault.places.slice(1)) print(`    called from ${placeText(place)}`);
};
