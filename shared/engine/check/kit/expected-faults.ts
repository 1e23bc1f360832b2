/** What went wrong in a lesson's code, for checks that run it themselves. */
import { onTestFinished } from 'vitest';

export { faultOf, faults, type Fault } from '../../wire/faults.ts';

const expected = new Set<string>();

/**
 * Takes it for no failure of this check when the lesson's code lets something pass that the check itself has thrown.
 *
 * @param message - what it is told by
 */
export const expectFault = (message: string): void => {
  expected.add(message);
  onTestFinished(() => void expected.delete(message));
};

/** @returns whether a fault is one that the check has brought about */
export const isExpected = (message: string): boolean => [...expected].some((each) => message.includes(each));
