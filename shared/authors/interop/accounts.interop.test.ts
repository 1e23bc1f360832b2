import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

/** @returns the code that a server has sent to a phone, once it has */
const codeFor = async ({ printed }: Served, phone: string): Promise<string> => {
  const sms = new RegExp(`SMS to \\${phone}: your code is (\\d{6})\n`);
  return sms.exec(await printed(sms))![1]!;
};

describe("lesson 9's server", () => {
  let server: Served;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    server = await stage.serve(9, '--db', ':memory:', '--admin', '+14155550100');
    const script = stage.python('accounts_client.py', server.address);
    for (const phone of ['+14155550123', '+14155550100']) script.tell(await codeFor(server, phone));
    seen = Object.fromEntries((await script.end()).map((each) => [each.what, each]));
  });

  it('gives a token for the right code, with how long it is good and whose it is', () => {
    expect(seen.ada).toMatchObject({ life: 600, user: { phone_number: '+14155550123' } });
    expect(seen['ada with a wrong code']!.status).toBe('UNAUTHENTICATED');
  });

  it.each(['no token', 'no good token', 'no scheme', 'listen without a token'])(
    'lets nobody in with %s',
    (what) => {
      expect(seen[what]!.status).toBe('UNAUTHENTICATED');
    },
  );

  it.each(["somebody else's", 'list', 'for nobody'])(
    'knows who calls, and refuses what is not theirs: %s',
    (what) => {
      expect(seen[what]!.status).toBe('PERMISSION_DENIED');
    },
  );

  it('allows what is theirs, and an admin more', () => {
    const { id } = seen.ada!.user as { id: string };
    expect(seen['own profile']).toMatchObject({ status: 'OK', reply: { id } });
    expect(seen['small letters']!.status).toBe('OK');
    expect(seen.renamed!.user).toMatchObject({ id, name: 'Zoë' });
    expect(seen['list as an admin']).toMatchObject({ status: 'OK', reply: { users: [{ id }, {}] } });
  });

  it('lets nobody speak in the name of another', () => {
    expect(seen.heard).toMatchObject({ user_name: 'Zoë', text: 'Hello' });
  });

  it('answers buf', async () => {
    const { address } = server;
    const phoneNumber = '+14155550124';
    await stage.buf(address, 'phoneotp.PhoneOTPService/SendOTP', { send: [{ phoneNumber }] });
    const otp = await codeFor(server, phoneNumber);
    const { replies } = await stage.buf(address, 'account.AccountService/SignIn', {
      send: [{ phoneNumber, otp }],
    });
    const [{ accessToken, user, expiresIn }] = replies as [
      { accessToken: string; expiresIn: string; user: { id: string } },
    ];
    expect(expiresIn).toBe('600s');
    const get = async (id: string, ...headers: string[]) => {
      const flags = headers.map((header) => `--header=${header}`);
      const { error } = await stage.buf(address, 'user.UserService/GetUser', { send: [{ id }], flags });
      return error?.code ?? 'ok';
    };
    expect(await get(user.id, `authorization: Bearer ${accessToken}`)).toBe('ok');
    expect(await get('1', `authorization: Bearer ${accessToken}`)).toBe('permission_denied');
    expect(await get(user.id)).toBe('unauthenticated');
  });
});

describe("lesson 9's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('accounts_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('signs in, once more when its token is refused, and sends the newest with each call', async () => {
    const calls = ['profile', 'say', 'listen', 'list', 'quit'].flatMap((call) => ['--call', call]);
    const { stdout, stderr } = await stage.client(9, port, ...calls, '--otp', '123456');
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
