import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

describe("lesson 8's server", () => {
  let server: Served;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    server = await stage.serve(8, '--db', ':memory:');
    const script = stage.python('otp_client.py', server.address);
    const sms = await server.printed(/SMS to \+14155550123: your code is \d{6}\n/);
    await script.saw({ what: 'sent' });
    script.tell(/is (\d{6})/.exec(sms)![1]!);
    seen = Object.fromEntries((await script.end()).map((each) => [each.what, each]));
  });

  it('sends a code, and takes it once', () => {
    expect(seen.sent!.success).toBe(true);
    expect(seen.verified).toMatchObject({ wrong: false, right: true, again: false });
  });

  it('says to programs when to try again', () => {
    expect(seen['sent too soon']).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.RetryInfo',
          retry_delay: expect.stringMatching(/^(?:[12]?\d|30)s$/) as unknown,
        },
      ],
      details_agree: true,
    });
  });

  it.each([
    ['sent nowhere', 'phone_number'],
    ['verified wrongly', 'otp'],
  ])('says to programs which field is wrong when a code is %s', (what, field) => {
    expect(seen[what]).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details: [{ field_violations: [{ field }] }],
    });
  });

  it('answers buf', async () => {
    const call = (method: string, message: object) =>
      stage.buf(server.address, `phoneotp.PhoneOTPService/${method}`, { send: [message] });
    const phoneNumber = '+14155550124';
    expect((await call('SendOTP', { phoneNumber })).replies).toEqual([{ success: true }]);
    const otp = /124: your code is (\d{6})/.exec(await server.printed(/124: your code is \d{6}/))![1];
    expect((await call('VerifyOTP', { phoneNumber, otp })).replies).toEqual([{ success: true }]);
    const { error } = await call('SendOTP', { phoneNumber });
    expect(error!.code).toBe('resource_exhausted');
    expect(error!.details!.map(({ type }) => type)).toEqual(['google.rpc.RetryInfo']);
  });
});

describe("lesson 8's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('otp_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('has a code sent, and brings codes until one is right', async () => {
    const { stdout, code } = await stage.client(8, port, '--otp', '000000', '--otp', '123456');
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
    const { stderr, code } = await stage.client(8, port, '--phone', '+14155550199');
    expect(stderr).toMatch(/^RESOURCE_EXHAUSTED: too many codes \(at .+\)$/m);
    expect(code).toBe(1);
  });
});
