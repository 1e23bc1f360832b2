import { defineConfig } from 'vitest/config';
import { vitestOptions } from './shared/testing/vitest-options.ts';

// `npm test` proves the workbook itself: every solution passes every check. To grade your own answers: npm run check.
const { vite, test } = vitestOptions('solutions');

export default defineConfig({
  ...vite,
  test: {
    projects: [
      { ...vite, test: { ...test, name: 'solutions', include: ['lessons/*/steps.test.ts'] } },
      { ...vite, test: { name: 'workbook', include: ['shared/**/*.test.ts'], testTimeout: 30_000 } },
    ],
  },
});
