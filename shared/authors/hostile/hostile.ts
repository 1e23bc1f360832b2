import { runTests } from '../test-run.ts';

/**
 * `npm run author hostile`: attacks every service of the solutions with what a well-behaved client never sends.
 *
 * @param files - parts of the names of the test files to run; none: all of them
 * @returns the exit code: 0 when every service holds
 */
export const hostile = (files: string[]): Promise<number> => {
  // Ctrl-C is for the tests.
  process.on('SIGINT', () => {});
  return runTests('hostile', files);
};
