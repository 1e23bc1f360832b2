import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { slowness } from './slowness.ts';

it.each([
  [0, 1],
  [4, 1],
  [10, 2.5],
  [1_000, 4],
])('of a machine with %s programs for each processor is %s', (load, times) => {
  expect(slowness(load * availableParallelism())).toBe(times);
});
