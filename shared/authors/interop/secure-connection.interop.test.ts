import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type BufCall, type Script, type Seen } from './stage.ts';

const stage = new Stage();
const folder = stage.file('.workbook', 'certificates');
beforeAll(async () => {
  expect((await stage.workbook.run(['lesson', '10', 'certs'])).code).toBe(0);
});
afterAll(() => stage.close());

const pem = (name: string): string => `${folder}/${name}`;
const hello: BufCall = { send: [{ greeting: 'Hello', name: 'World' }], scheme: 'https' };

/** What a client sees that gets no connection. */
const refused = { status: 'UNAVAILABLE' };

describe.each(['known', 'any'])("lesson 10's server, for clients that are %s,", (clients) => {
  const mutual = clients === 'known';
  let address: string;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    ({ address } = await stage.serve(10, '--clients', clients));
    seen = await stage.pythonClient('secure_client.py', address, folder);
  });

  it(mutual ? 'knows a caller by the certificate' : 'asks for no certificate, so it knows nobody', () => {
    if (mutual) {
      expect(seen.ada).toMatchObject({ status: 'OK', reply: { message: 'Hello World' } });
      expect(seen.guest).toMatchObject({ status: 'OK', reply: { message: 'Hello guest' } });
      expect(seen['guest as ada']!.status).toBe('PERMISSION_DENIED');
    } else {
      expect(seen.ada!.status).toBe('UNAUTHENTICATED');
    }
  });

  it(`has ${mutual ? 'no connection' : 'a connection'} for who shows none`, () => {
    expect(seen.nobody).toMatchObject(mutual ? refused : { status: 'UNAUTHENTICATED' });
  });

  it('has no connection for who expects another name, another authority, or no TLS', () => {
    expect(seen['another name']).toMatchObject(refused);
    expect(seen['another authority']).toMatchObject(refused);
    expect(seen['no TLS']).toMatchObject(refused);
  });

  it('answers buf', async () => {
    const trust = `--cacert=${pem('ca.crt')}`;
    const shown = [trust, `--cert=${pem('ada.crt')}`, `--key=${pem('ada.key')}`];
    const certified = await stage.buf(address, 'hello.Hello/hello', { ...hello, flags: shown });
    const anonymous = await stage.buf(address, 'hello.Hello/hello', { ...hello, flags: [trust] });
    if (mutual) {
      expect(certified.replies).toEqual([{ message: 'Hello World' }]);
      // In TLS 1.3 a server refuses when the client has begun to send already. Then buf says "canceled" now and then.
      expect(['unavailable', 'canceled']).toContain(anonymous.error!.code);
    } else {
      expect(certified.error!.code).toBe('unauthenticated');
      expect(anonymous.error!.code).toBe('unauthenticated');
    }
  });
});

describe("lesson 10's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('secure_server.py', folder);
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('shows who it is, and gets its reply', async () => {
    const { stdout, code } = await stage.client(10, port, '--show', 'call', '--user', 'guest');
    expect(stdout).toContain('reply: Hello World');
    expect(code).toBe(0);
    const { callers } = await server.saw({ what: 'hello' });
    expect(callers).toEqual(['urn:grpc-workbook:user:guest']);
  });

  it.each([
    ['no-certificate', 'Give createSsl its key and its certificate too.'],
    ['authority', 'no authority that this client trusts has vouched for it'],
    ['host', 'it was made for other names than the one this client called'],
    ['plaintext', 'Most likely it wants TLS, and this client speaks without'],
  ])('says in plain words why there is no connection: %s', async (show, means) => {
    const { stdout, code } = await stage.client(10, port, '--show', show);
    expect(stdout).toContain('seen:  UNAVAILABLE');
    expect(stdout).toContain(means);
    expect(code).toBe(1);
  });
});
