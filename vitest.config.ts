import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { vitestOptions } from './shared/engine/check/vitest-options.ts';

// `npm test` proves the workbook itself: every solution passes every check. To grade your own answers: npm run check.
const { vite, test } = vitestOptions('solutions');

// Tests of servers, clients and commands wait a good part of their time. As a percentage, Vitest would take it for 100 %.
const maxWorkers = availableParallelism() * 2;

export default defineConfig({
  ...vite,
  test: {
    experimental: { fsModuleCache: true, fsModuleCachePath: '.workbook/modules-of-tests' },
    projects: [
      {
        ...vite,
        test: {
          ...test,
          name: 'solutions',
          maxWorkers,
          include: ['lessons/*/steps.test.ts', 'solutions/*/proof/main.test.ts'],
        },
      },
      // Unit tests share a world in each thread: to load one for each file takes longer than the tests themselves.
      {
        ...vite,
        test: {
          name: 'units',
          maxWorkers,
          pool: 'threads',
          isolate: false,
          include: ['shared/**/*.test.ts'],
          exclude: ['**/*.{isolated,command,interop,hostile}.test.ts'],
        },
      },
      // These change what all share: they mock a module, or load the preload, which wraps every server and client of grpc-js.
      {
        ...vite,
        test: { name: 'isolated', maxWorkers, pool: 'threads', include: ['shared/**/*.isolated.test.ts'] },
      },
      // These start real commands, five minutes of them: `npm run verify` runs them, `npm test` does not.
      {
        ...vite,
        test: {
          name: 'commands',
          maxWorkers,
          include: ['{shared,solutions}/**/*.command.test.ts'],
          // These only bound what hangs: a slow machine may take its time.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // Every experiment of every "Break it", with real commands: `npm run verify` runs them.
      {
        ...vite,
        test: {
          name: 'experiments',
          maxWorkers,
          include: ['solutions/*/proof/break-it.test.ts'],
          testTimeout: 120_000,
        },
      },
      // These attack the solutions' servers for a minute: `npm run author hostile`. The times only bound what hangs.
      {
        ...vite,
        test: {
          name: 'hostile',
          include: ['shared/authors/hostile/*.hostile.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      // These need Python and buf: `npm run author interop` runs them, and nothing else does. The times only bound what hangs.
      {
        ...vite,
        test: {
          name: 'interop',
          include: ['shared/authors/interop/*.interop.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
    ],
  },
});
