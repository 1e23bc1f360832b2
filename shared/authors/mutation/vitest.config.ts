import { defineConfig } from 'vitest/config';
import { vitestOptions } from '../../engine/check/vitest-options.ts';
import { unloadable } from './unloadable.ts';

/** The tests of one group of files, by their patterns: see mutation.ts, which says which. */
const include = JSON.parse(process.env.GRPC_WORKBOOK_TESTS ?? '[]') as string[];
const { vite, test } = vitestOptions('solutions');

export default defineConfig({
  ...vite,
  test: {
    ...(include.some((pattern) => pattern.startsWith('lessons/')) ? test : { testTimeout: 10_000 }),
    include,
    reporters: [unloadable],
    exclude: ['**/*.command.test.ts', '**/break-it.test.ts'],
  },
});
