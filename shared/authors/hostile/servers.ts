import { afterAll, beforeAll } from 'vitest';
import { ServerProcess, type Variant } from './server-process.ts';

/** The servers that the tests of one file attack. */
export interface Servers {
  /** The process that they are in, once the tests have begun. */
  readonly process: ServerProcess;
}

/**
 * Has the servers run as long as the tests of a file, or of a `describe`.
 *
 * @param variant - how they are run
 */
export const serversUp = (variant?: Variant): Servers => {
  let process: ServerProcess | undefined;
  beforeAll(async () => {
    process = await ServerProcess.start(variant);
  });
  afterAll(() => process?.stop());
  return {
    get process() {
      return process!;
    },
  };
};
