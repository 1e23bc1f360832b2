import { expect, it, vi } from 'vitest';
import { changedGivenFiles } from '../../lesson/given-files.ts';
import { typesOutOfStep } from '../../lesson/generated-types.ts';
import { lookAtTypes } from './types-up-to-date.ts';

vi.mock('../../lesson/given-files.ts', () => ({ changedGivenFiles: vi.fn() }));
vi.mock('../../lesson/generated-types.ts', () => ({ typesOutOfStep: vi.fn() }));

it.each([
  [['lessons/01-unary-hello/steps.test.ts'], 'Run: npm run generate'],
  [
    ['protos/hello.proto'],
    'If protos/hello.proto was changed by mistake: git checkout -- protos/hello.proto\nIf you mean it: npm run generate',
  ],
])(
  'types that do not fit are written anew, once their contract is as it should be: %j',
  async (changed, remedy) => {
    vi.mocked(typesOutOfStep).mockResolvedValue([
      'hello.ts is not what the contracts say. Run: npm run generate',
    ]);
    vi.mocked(changedGivenFiles).mockResolvedValue(changed);
    expect(await lookAtTypes()).toEqual({
      state: 'problem',
      found: 'hello.ts is not what the contracts say.',
      remedy,
    });
  },
);
