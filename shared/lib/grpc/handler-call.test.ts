import { status, type handleUnaryCall, type ServerUnaryCall } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { answerOf } from './handler-call.ts';

const call = { request: 'Ada' } as ServerUnaryCall<string, unknown>;
const asked = (handler: handleUnaryCall<string, string>) => answerOf(handler, call);

it('brings the reply of another handler', async () => {
  const greeted = asked(({ request }, callback) => callback(null, `Hello ${request}`));
  expect(await greeted).toEqual({ reply: 'Hello Ada' });
});

it('brings the status that it refuses with', async () => {
  const refusal = { code: status.NOT_FOUND, details: 'nobody' };
  expect(await asked((_call, callback) => callback(refusal))).toEqual({ error: refusal });
});

it('is rejected when the handler throws, at once or later', async () => {
  const broken = new Error('broken');
  const atOnce = asked(() => {
    throw broken;
  });
  await expect(atOnce).rejects.toBe(broken);
  await expect(asked((() => Promise.reject(broken)) as never)).rejects.toBe(broken);
});
