import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { timeoutFactor } from './timeout-factor.ts';

it.each([
  [0, 1],
  [4, 1],
  [10, 2.5],
  [1_000, 4],
])('of a machine with %s programs for each processor is %s', (load, times) => {
  expect(timeoutFactor(load * availableParallelism())).toBe(times);
});
