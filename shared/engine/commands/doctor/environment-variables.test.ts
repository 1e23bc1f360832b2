import { expect, it } from 'vitest';
import { lookAtEnvironment } from './environment-variables.ts';

it('what changes gRPC in the environment is worth a note, with what it does', () => {
  expect(lookAtEnvironment({ PATH: '/bin', grpc_proxy: '' }).state).toBe('ok');
  const { state, found } = lookAtEnvironment({ http_proxy: 'http://proxy:3128', GRPC_TRACE: 'all' });
  expect(state).toBe('note');
  expect(found).toContain('http_proxy=http://proxy:3128 (calls to other machines go through this proxy');
  expect(found).toContain('GRPC_TRACE=all (grpc-js prints what it does)');
});
