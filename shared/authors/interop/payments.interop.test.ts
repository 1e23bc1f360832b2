import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, detail, ok } from './calls.ts';
import { Stage, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

describe.each(stage.callers)("lesson 12's server, called by $name", ({ name, call }) => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(12, '--db', ':memory:', '--lose', '0');
  });
  const ask = (method: string, message: object) =>
    call(server.address, `payment.PaymentService/${method}`, { send: [message] });

  it('books one payment for each key, and one for each call without a key', async () => {
    const zoe = { payee: `Zoë 🎈 ${name}`, amount: 5 };
    const withKey = { ...zoe, idempotencyKey: `ö?/+= ${name}` };
    const first = await ask('Pay', withKey);
    expect(first).toEqual(ok({ ...zoe, id: expect.any(String) }));
    expect(await ask('Pay', withKey)).toEqual(first);
    for (const times of [1, 2]) expect(await ask('Pay', zoe), `${times}`).toMatchObject({ code: 'OK' });
    expect(await ask('GetTotal', { payee: zoe.payee })).toEqual(ok({ payments: 3, amount: '15' }));
    expect(await ask('Pay', { ...withKey, amount: 6 })).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: [detail('ErrorInfo', { reason: 'KEY_REUSED', domain: 'grpc-workbook' })],
    });
    expect(await ask('Pay', {})).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: [badRequest({ field: 'payee' }, { field: 'amount' })],
    });
  });
});

describe("lesson 12's client", () => {
  it('calls a server in Python again, with one key, as long after as that asks', async () => {
    const server = await stage.pythonServer('payments_server.py');
    const began = performance.now();
    const { stdout, code } = await stage.client(12, server, '--show', 'one');
    expect(performance.now() - began).toBeGreaterThan(400);
    expect(stdout).toContain("payee: 'Ada'");
    expect(code).toBe(0);
    const first = await server.saw({ what: 'Pay', attempt: '0', payee: 'Ada', amount: 1_234 });
    for (const attempt of ['1', '2']) {
      await server.saw({ what: 'Pay', attempt, idempotency_key: first.idempotency_key });
    }
  });
});
