import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, detail, ok } from './calls.ts';
import { codeFor } from './sms.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

describe.each(stage.callers)("lesson 8's server, called by $name", ({ name, call }) => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(8, '--db', ':memory:');
  });
  const phoneNumber = '+14155550123';
  const send = (to: string) =>
    call(server.address, 'phoneotp.PhoneOTPService/SendOTP', { send: [{ phoneNumber: to }] });
  const verify = (otp: string) =>
    call(server.address, 'phoneotp.PhoneOTPService/VerifyOTP', { send: [{ phoneNumber, otp }] });

  it('sends a code, takes it once, and says to programs when to try again', async () => {
    expect(await send('+1 (415) 555-0123')).toEqual(ok({ success: true }));
    // Python writes it as JSON does.
    const retryDelay: unknown = name === 'Python' ? expect.stringMatching(/^(?:[12]?\d|30)s$/) : {};
    expect(await send(phoneNumber)).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      details: [detail('RetryInfo', { retryDelay })],
    });
    const code = await codeFor(server, phoneNumber);
    // JSON leaves out what is false.
    expect(await verify(code === '000000' ? '111111' : '000000')).toEqual(ok({}));
    expect(await verify(code)).toEqual(ok({ success: true }));
    expect(await verify(code)).toEqual(ok({}));
  });

  it('says to programs which field is wrong', async () => {
    for (const [answer, field] of [
      [await send('555'), 'phone_number'],
      [await verify('12345'), 'otp'],
    ] as const) {
      expect(answer).toMatchObject({ code: 'INVALID_ARGUMENT', details: [badRequest({ field })] });
    }
  });
});

describe("lesson 8's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('otp_server.py');
  });

  it('has a code sent, and brings codes until one is right', async () => {
    const { stdout, code } = await stage.client(8, server, '--otp', '000000', '--otp', '123456');
    expect(stdout.split('\n')).toEqual([
      'A code is on its way to +14155550123.',
      'success: false. This code is wrong, or no longer good.',
      'success: true. The phone is yours.',
      '',
    ]);
    expect(code).toBe(0);
    await server.saw({ what: 'SendOTP', phone_number: '+14155550123' });
    await server.saw({ what: 'VerifyOTP', phone_number: '+14155550123', otp: '123456' });
  });

  it('says when it makes sense to try again', async () => {
    const { stderr, code } = await stage.client(8, server, '--phone', '+14155550199');
    expect(stderr).toMatch(/^RESOURCE_EXHAUSTED: too many codes \(at .+\)$/m);
    expect(code).toBe(1);
  });
});
