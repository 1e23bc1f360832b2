import { createServer, type AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { once } from 'node:events';
import {
  credentials,
  ServerCredentials,
  status,
  type ChannelCredentials,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { Hello } from '#testkit/hello-service.ts';
import { issueClient, issueServer, makeAuthority, type Identity } from '../certificates/issue.ts';
import { lifeFrom } from '../certificates/faulty-server.ts';
import { soon } from '#kit/calls.ts';
import { closePeers, gone, serving, stubAt } from '#kit/peers.ts';
import { explainConnection, type Explained, type Wanted } from './explain-connection.ts';

const good = lifeFrom(-1, 7);
const past = lifeFrom(-8, 7);
const future = lifeFrom(1, 7);
const authority = await makeAuthority(lifeFrom(-9, 30));
const other = await makeAuthority(lifeFrom(-9, 30));
const expiredAuthority = await makeAuthority(lifeFrom(-31, 30));
const ownServer = await issueServer(authority, ['localhost'], good);
const ada = await issueClient(authority, 'ada', good);

afterEach(closePeers);

const pairs = ({ certificate, key }: Identity) => [{ cert_chain: certificate, private_key: key }];
const tls = (identity: Identity) => ServerCredentials.createSsl(null, pairs(identity));
const mutualTls = () => ServerCredentials.createSsl(authority.certificate, pairs(ownServer), true);
const insecure = () => ServerCredentials.createInsecure();

/** A client: its credentials, and what it shows. */
type Client = [ChannelCredentials, Wanted['shows']];
const plain = (): Client => [credentials.createInsecure(), 'nothing'];
const trusting = (trusted = authority): Client => [
  credentials.createSsl(trusted.certificate),
  'no certificate',
];
const showing = ({ certificate, key }: Identity): Client => [
  credentials.createSsl(authority.certificate, key, certificate),
  'a certificate',
];
/** A client that speaks no newer TLS than 1.2, in which the server's refusal comes before the client is content. */
const older = (identity?: Identity): Client => [
  credentials.createFromSecureContext(
    createSecureContext({
      ca: authority.certificate,
      maxVersion: 'TLSv1.2',
      ...(identity && { key: identity.key, cert: identity.certificate }),
    }),
  ),
  identity ? 'a certificate' : 'no certificate',
];

const explained = async (
  address: string,
  [channel, shows]: Client,
  expected = 'localhost',
): Promise<Explained | 'a reply'> => {
  const stub = stubAt(Hello, address, { channel, ...(shows !== 'nothing' && { expected }) });
  return new Promise((resolve) => {
    stub.hello({}, soon(), (error) =>
      resolve(error ? explainConnection(error, { address, shows }) : 'a reply'),
    );
  });
};

/** The address of a server whose connections are secured like this. */
const secured = (by: ServerCredentials): Promise<string> =>
  serving(Hello.service, { hello: (_call: unknown, callback: Function) => callback(null, {}) }, by);

const own = () => tls(ownServer);
const ofServer = async (life: typeof good, names: [string, ...string[]] = ['localhost'], by = authority) =>
  tls(await issueServer(by, names, life));
const ofClient = (life: typeof good, by = authority) => issueClient(by, 'ada', life);
const failed = 'Failed to connect';
const unverified = 'unable to verify the first certificate';
const expired = 'certificate has expired';
const untrusted = /no authority that this client trusts has vouched for it/;
const refused = /has refused the certificate of this client/;

type Case = [
  what: string,
  server: () => ServerCredentials | Promise<ServerCredentials>,
  client: () => Client | Promise<Client>,
  seen: string,
  means: RegExp,
];

describe('what a client gets', () => {
  it('is a reply when all is well', async () => {
    const address = await secured(mutualTls());
    expect(await explained(address, showing(ada))).toBe('a reply');
    expect(await explained(address, older(ada))).toBe('a reply');
  });

  it.each<Case>([
    ['without TLS', own, plain, failed, /it wants TLS, and this client speaks without/],
    ['without TLS, from a server that asks', mutualTls, plain, failed, /it wants TLS/],
    ['from a server without TLS', insecure, trusting, 'wrong version number', /what came back was not TLS/],
    ['with the wrong authority', own, () => trusting(other), unverified, untrusted],
    [
      'with the wrong authority, from a server that asks',
      mutualTls,
      () => trusting(other),
      'self-signed certificate in certificate chain',
      untrusted,
    ],
    [
      'with the authorities of the Web',
      own,
      () => [credentials.createSsl(), 'no certificate'],
      unverified,
      untrusted,
    ],
    [
      'from a server of another name',
      () => ofServer(good, ['other.example']),
      trusting,
      "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:other.example",
      /made for other names than the one this client called/,
    ],
    ['from a server, expired', () => ofServer(past), trusting, expired, /past its last day/],
    [
      'from a server whose authority has expired',
      () => ofServer(good, ['localhost'], expiredAuthority),
      () => trusting(expiredAuthority),
      expired,
      /or its authority's/,
    ],
    [
      'from a server, not good yet',
      () => ofServer(future),
      trusting,
      'certificate is not yet valid',
      /Compare the clocks/,
    ],
    [
      'from a server with the certificate of a client',
      () => tls(ada),
      trusting,
      'unsuitable certificate purpose',
      /made for a client, and not for a server/,
    ],
    [
      'without a certificate',
      mutualTls,
      trusting,
      'tlsv13 alert certificate required',
      /this client has shown no certificate/,
    ],
    ['with an expired certificate', mutualTls, async () => showing(await ofClient(past)), failed, refused],
    [
      'with one of another authority',
      mutualTls,
      async () => showing(await ofClient(good, other)),
      failed,
      refused,
    ],
    ['with the certificate of a server', mutualTls, () => showing(ownServer), failed, refused],
    [
      'with an expired certificate, over TLS 1.2',
      mutualTls,
      async () => older(await ofClient(past)),
      'Client network socket disconnected before secure TLS connection was established',
      refused,
    ],
  ])('%s', async (_what, server, client, seen, means) => {
    const came = await explained(await secured(await server()), await client());
    expect(came).toEqual({ seen: `UNAVAILABLE: ${seen}`, means: expect.stringMatching(means) });
  });

  it('by an IP address: nothing from Node.js 26 on, where it says what to do', async () => {
    const address = await secured(await ofServer(good, ['127.0.0.1']));
    const came = await explained(address, trusting(), '127.0.0.1');
    if (Number(process.versions.node.split('.')[0]) < 26) expect(came).toBe('a reply');
    else expect(came).toMatchObject({ means: expect.stringContaining('Call the server by a name') });
  });

  it('without a certificate, over TLS 1.2', async () => {
    expect(await explained(await secured(mutualTls()), older())).toEqual({
      // OpenSSL 3.0 and later ones name the protocol differently.
      seen: expect.stringMatching(/^UNAVAILABLE: \S+ alert handshake failure$/),
      means: expect.stringContaining('this client has shown no certificate'),
    });
  });

  it('where nobody listens', async () => {
    const address = await gone();
    expect(await explained(address, trusting())).toMatchObject({
      means: expect.stringContaining(`nobody is listening at ${address}`),
    });
  });

  it('where somebody takes the connection and says nothing more', async () => {
    const silent = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(await explained(address, showing(ada))).toMatchObject({
      means: expect.stringContaining('closed the connection without a word'),
    });
  });
});

describe('a status that the service has sent', () => {
  const from = (code: status, details: string): ServiceError =>
    Object.assign(new Error(details), { code, details } satisfies Partial<StatusObject>) as ServiceError;
  const wanted: Wanted = { address: '127.0.0.1:50051', shows: 'a certificate' };
  const { UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT, UNAVAILABLE } = status;
  const unknown = 'The call got through, and the server does not know who makes it.';
  const forbidden = 'The server knows who makes the call, and this is not for them. The connection was good.';

  it.each([
    [UNAUTHENTICATED, 'who are you', unknown],
    [PERMISSION_DENIED, 'no', forbidden],
    [INVALID_ARGUMENT, 'name must not be empty', undefined],
    [UNAVAILABLE, 'the database is away', undefined],
    [UNAVAILABLE, 'my certificate has expired', undefined],
    [PERMISSION_DENIED, 'the certificate has expired', forbidden],
  ])('is told as it is: %i %s', (code, details, means) => {
    expect(explainConnection(from(code, details), wanted)).toEqual({
      seen: `${status[code]}: ${details}`,
      means,
    });
  });
});
