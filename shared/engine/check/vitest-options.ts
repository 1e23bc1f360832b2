import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import { settleGrpcEnvironment } from '../loading/grpc-environment.js';
import { timeoutFactor } from './timeout-factor.ts';
import type { AnswersFolder } from '../lesson/paths.ts';

// Vitest may have been started by itself. Its threads take over the environment.
settleGrpcEnvironment();

const setup = fileURLToPath(new URL('./kit/setup.ts', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * How the lessons' checks are run, by `npm test` and by the workbook's own commands alike.
 *
 * @returns options for vite and for vitest
 */
export const vitestOptions = (
  answers: AnswersFolder,
): { vite: Pick<ViteUserConfig, 'root' | 'ssr'>; test: NonNullable<ViteUserConfig['test']> } => ({
  vite: {
    root,
    ssr: { resolve: { conditions: answers === 'solutions' ? ['solutions'] : [] } },
  },
  test: {
    // A thread that loops without end dies with the command; a process would stay behind.
    pool: 'threads',
    setupFiles: [setup],
    testTimeout: 10_000 * timeoutFactor(),
  },
});
