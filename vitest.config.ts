import { defineConfig } from 'vitest/config';
import { vitestOptions } from './shared/engine/check/vitest-options.ts';

// `npm test` proves the workbook itself: every solution passes every check. To grade your own answers: npm run check.
const { vite, test } = vitestOptions('solutions');

export default defineConfig({
  ...vite,
  test: {
    projects: [
      {
        ...vite,
        test: {
          ...test,
          name: 'solutions',
          include: ['lessons/*/steps.test.ts', 'solutions/*/proof/main.test.ts'],
        },
      },
      {
        ...vite,
        test: {
          name: 'engine',
          include: ['shared/**/*.test.ts'],
          exclude: ['**/*.{command,interop,hostile}.test.ts'],
        },
      },
      // These start real commands, five minutes of them: `npm run verify` runs them, `npm test` does not.
      { ...vite, test: { name: 'commands', include: ['{shared,solutions}/**/*.command.test.ts'], testTimeout: 60_000 } },
      // Every experiment of every "Break it", with real commands: `npm run verify` runs them.
      {
        ...vite,
        test: { name: 'experiments', include: ['solutions/*/proof/break-it.test.ts'], testTimeout: 120_000 },
      },
      // These attack the solutions' servers for a minute: `npm run hostile`. The times only bound what hangs.
      {
        ...vite,
        test: {
          name: 'hostile',
          include: ['shared/authors/hostile/*.hostile.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      // These need Python and buf: `npm run interop` runs them, and nothing else does. The times only bound what hangs.
      {
        ...vite,
        test: {
          name: 'interop',
          include: ['shared/authors/interop/*.interop.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // The files only wait for processes, so they need no core each.
          maxWorkers: 3,
        },
      },
    ],
  },
});
