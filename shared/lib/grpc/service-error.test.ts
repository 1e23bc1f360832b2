import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { isServiceError } from './service-error.ts';

const code = status.NOT_FOUND;
const details = 'nobody';

it('knows the status of a call', () => {
  expect(isServiceError(Object.assign(new Error(details), { code, details }))).toBe(true);
});

it.each([
  ['another error', new Error(details)],
  [
    "an error of the system's, whose code is a word",
    Object.assign(new Error(details), { code: 'ENOENT', details }),
  ],
  ['an error with a number of its own', Object.assign(new Error(details), { code: 5 })],
  ['what is no error', { code, details }],
  ['nothing', undefined],
])('does not take %s for one', (_what, error) => {
  expect(isServiceError(error)).toBe(false);
});
