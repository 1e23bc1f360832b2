import { randomInt } from 'node:crypto';

/** The environment variable that hands the seed to the threads and processes in which checks run. */
const variable = 'WORKBOOK_SEED';

/** @returns whether a seed was chosen before the checks began: then whoever has chosen it prints it */
export const seedIsGiven = (): boolean => process.env[variable] !== undefined;

/** Chooses the seed from which checks draw their inputs. */
export const giveSeed = (seed: string): void => {
  process.env[variable] = seed;
};

/** @returns the seed of this run: the one that was given, else a random one, the same for the rest of the process */
export const seedOfRun = (): string => (process.env[variable] ??= String(randomInt(1_000_000)));
