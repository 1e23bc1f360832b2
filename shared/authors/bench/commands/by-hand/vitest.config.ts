/** Lesson 1's checks, as vitest runs them by itself: with the workbook's options, and with no engine around it. */
import { defineConfig } from 'vitest/config';
import { vitestOptions } from '../../../../engine/check/vitest-options.ts';

const { vite, test } = vitestOptions('lessons');

export default defineConfig({
  ...vite,
  test: { ...test, include: ['lessons/01-unary-hello/steps.test.ts'] },
});
