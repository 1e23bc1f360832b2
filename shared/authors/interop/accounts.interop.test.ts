import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from './calls.ts';
import { codeFor } from './sms.ts';
import { Stage, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const listen = 'livechat.ChatService/ReceiveMessage';

describe.each(stage.callers)("lesson 9's server, called by $name,", ({ call }) => {
  let server: Served;
  let ada: { accessToken: string; user: { id: string } };
  let admin: typeof ada;

  const signIn = async (phoneNumber: string): Promise<typeof ada> => {
    const { address } = server;
    await call(address, 'phoneotp.PhoneOTPService/SendOTP', { send: [{ phoneNumber }] });
    const otp = await codeFor(server, phoneNumber);
    const bring = (code: string) =>
      call(address, 'account.AccountService/SignIn', { send: [{ phoneNumber, otp: code }] });
    const wrong = await bring(otp === '000000' ? '111111' : '000000');
    expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED' });
    const { replies } = await bring(otp);
    expect(replies).toMatchObject([{ expiresIn: '600s', user: { phoneNumber } }]);
    return replies[0] as typeof ada;
  };
  beforeAll(async () => {
    server = await stage.serve(9, '--db', ':memory:', '--admin', '+14155550100');
    ada = await signIn('+14155550123');
    admin = await signIn('+14155550100');
  });
  const as = (authorization: string | undefined, method: string, message: object = {}) =>
    call(server.address, method.includes('.') ? method : `user.UserService/${method}`, {
      send: [message],
      ...(authorization !== undefined && { headers: { authorization } }),
    });

  it.each([
    ['without a token', undefined],
    ['with a token that is none', 'Bearer a.b.c'],
    ['without a scheme', 'let me in'],
  ])('lets nobody in %s', async (_what, authorization) => {
    for (const method of ['GetUser', listen]) {
      expect(await as(authorization, method)).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  it.each([
    ["somebody else's", 'GetUser', { id: '1' }],
    ['for admins', 'ListUsers', {}],
    ['for nobody', 'CreateUser', {}],
  ])('knows who calls, and refuses what is %s', async (_what, method, message) => {
    const answer = await as(`Bearer ${ada.accessToken}`, method, message);
    expect(answer).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('allows what is theirs, and an admin more', async () => {
    const { id } = ada.user;
    // A scheme is the same in capitals and in small letters.
    for (const scheme of ['Bearer', 'bearer']) {
      const answer = await as(`${scheme} ${ada.accessToken}`, 'GetUser', { id });
      expect(answer).toMatchObject({ code: 'OK', replies: [{ id }] });
    }
    const change = { user: { id, name: 'Zoë' }, updateMask: 'name' };
    expect((await as(`Bearer ${ada.accessToken}`, 'UpdateUser', change)).replies).toMatchObject([
      change.user,
    ]);
    const list = await as(`Bearer ${admin.accessToken}`, 'ListUsers');
    expect(list).toMatchObject({ code: 'OK', replies: [{ users: [{ id }, {}] }] });
    // Nobody speaks in the name of another.
    const said = await as(`Bearer ${ada.accessToken}`, 'livechat.ChatService/SendMessage', {
      userName: 'Grace',
      text: 'Hello',
    });
    expect(said).toEqual(ok({ userName: 'Zoë', text: 'Hello' }));
  });

  it('lets in to a stream who has a token', async () => {
    const headers = { authorization: `Bearer ${ada.accessToken}` };
    const { ended } = await stage.python(server.address, listen, { headers, enough: 1 });
    await as(headers.authorization, 'livechat.ChatService/SendMessage', { userName: 'Grace', text: 'Hi' });
    expect((await ended).replies).toMatchObject([{ userName: 'Zoë', text: 'Hi' }]);
  });
});

describe("lesson 9's client", () => {
  it('signs in, once more when its token is refused, and sends the newest with each call', async () => {
    const server = await stage.pythonServer('accounts_server.py');
    const calls = ['profile', 'say', 'listen', 'list', 'quit'].flatMap((call) => ['--call', call]);
    const { stdout, stderr } = await stage.client(9, server, ...calls, '--otp', '123456');
    expect(stdout).toContain('You are signed in for 60 seconds, as user 7.');
    expect(stdout).toContain('7  Ada  ada@example.com  +14155550123');
    expect(stdout).toContain('Grace: Hello Ada\nGrace: Goodbye\n');
    expect(stderr).toContain('PERMISSION_DENIED: This is not for you.');
    const proofs = server.seen.slice(1).map(({ what, authorization }) => [what, authorization]);
    expect(proofs).toEqual([
      ['SendOTP', null],
      ['SignIn', null],
      ['GetUser', 'Bearer token-1'],
      ['SendOTP', null],
      ['SignIn', null],
      ['GetUser', 'Bearer token-2'],
      ['SendMessage', 'Bearer token-2'],
      ['ReceiveMessage', 'Bearer token-2'],
      // Who may not do something may not do it with a new token either.
      ['ListUsers', 'Bearer token-2'],
    ]);
  });
});
