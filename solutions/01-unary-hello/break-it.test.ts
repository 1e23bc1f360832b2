import { expect, test } from 'vitest';
import { experimentsOf } from '#shared/testing/experiment.ts';

const { client, server } = experimentsOf('01-unary-hello');

test('Call nobody', async () => {
  const { there, stop } = await server();
  await stop();
  const { code, stderr } = await client(there).ended;
  expect(stderr).toContain('UNAVAILABLE');
  expect(stderr).not.toContain('DEADLINE_EXCEEDED');
  expect(code).toBe(1);
});
