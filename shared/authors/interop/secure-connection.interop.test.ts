import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { How } from './calls.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
const folder = path.join(stage.workbook.folder, '.workbook', 'certificates');
beforeAll(async () => {
  expect((await stage.workbook.run(['lesson', '10', 'certs'])).code).toBe(0);
});
afterAll(() => stage.close());

const pem = (name: string): string => path.join(folder, name);
const ca = pem('ca.crt');
const certified = (user: string) => ({ ca, cert: pem(`${user}.crt`), key: pem(`${user}.key`) });

/** What a caller shows, whom it trusts and greets, and how that ends at a server for known clients, and for any. */
const greetings: [what: string, tls: How['tls'], name: string, known: string, any: string][] = [
  ['ada, who shows her certificate', certified('ada'), 'World', 'OK', 'UNAUTHENTICATED'],
  ['guest, who shows theirs', certified('guest'), 'guest', 'OK', 'UNAUTHENTICATED'],
  ['guest, who shows theirs and says ada', certified('guest'), 'ada', 'PERMISSION_DENIED', 'UNAUTHENTICATED'],
  ['who shows none', { ca }, 'World', 'UNAVAILABLE', 'UNAUTHENTICATED'],
  [
    'who expects another name',
    { ...certified('ada'), servername: 'bank.example' },
    'World',
    'UNAVAILABLE',
    'UNAVAILABLE',
  ],
  // ada's own certificate is no authority, so it vouches for nobody.
  ['who trusts another authority', { ca: pem('ada.crt') }, 'World', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['who speaks without TLS', undefined, 'World', 'UNAVAILABLE', 'UNAVAILABLE'],
];

describe.each(['known', 'any'])("lesson 10's server, for clients that are %s,", (clients) => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(10, '--clients', clients);
  });

  describe.each(stage.callers)('called by $name', (caller) => {
    it.each(greetings)('answers %s', async (_what, tls, name, known, any) => {
      const how = { send: [{ greeting: 'Hello', name }], ...(tls && { tls }) };
      const { code, replies } = await caller.call(server.address, 'hello.Hello/hello', how);
      const expected = clients === 'known' ? known : any;
      expect(replies).toEqual(expected === 'OK' ? [{ message: `Hello ${name}` }] : []);
      // In TLS 1.3 a server refuses when the client has begun to send already. Then buf says "canceled" now and then.
      const late = caller.name === 'buf' && expected === 'UNAVAILABLE' ? ['CANCELED'] : [];
      expect([expected, ...late]).toContain(code);
    });
  });
});

describe("lesson 10's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('hello_server.py', folder);
  });

  it('shows who it is, and gets its reply', async () => {
    const { stdout, code } = await stage.client(10, server, '--show', 'call', '--user', 'guest');
    expect(stdout).toContain('reply: Hello World');
    expect(code).toBe(0);
    await server.saw({ what: 'hello', callers: ['urn:grpc-workbook:user:guest'] });
  });

  it.each([
    ['no-certificate', 'Give createSsl its key and its certificate too.'],
    ['authority', 'no authority that this client trusts has vouched for it'],
    ['host', 'it was made for other names than the one this client called'],
    ['plaintext', 'Most likely it wants TLS, and this client speaks without'],
  ])('says in plain words why there is no connection: %s', async (show, means) => {
    const { stdout, code } = await stage.client(10, server, '--show', show);
    expect(stdout).toContain('seen:  UNAVAILABLE');
    expect(stdout).toContain(means);
    expect(code).toBe(1);
  });
});
