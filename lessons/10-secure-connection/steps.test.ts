import { credentials, ServerCredentials, status, type ChannelCredentials } from '@grpc/grpc-js';
import { beforeEach, describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { readCertificates, writeCertificates } from '#shared/certificates/folder.ts';
import {
  issueClient,
  issueServer,
  makeAuthority,
  userIn,
  type Identity,
} from '#shared/certificates/issue.ts';
import { lifeFrom } from '#shared/certificates/faulty-server.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { must, same } from '#kit/check-failure.ts';
import { serving, started } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { channelOf, servingWith } from '#kit/tls/credentials.ts';
import { expectOutcome, helloTo, said } from '#kit/tls/outcome.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/10-secure-connection/server.ts');
const client = () => import('#answers/10-secure-connection/client.ts');

const hosts = ['localhost', '127.0.0.1'] as const;
const good = lifeFrom(-1, 7);
const past = lifeFrom(-8, 7);
const authority = await makeAuthority(lifeFrom(-9, 30));
const other = await makeAuthority(lifeFrom(-9, 30));
const own = await issueServer(authority, hosts, good);
/** What the same server has shown before it was renewed. */
const former = await issueServer(authority, hosts, past);
const ada = await issueClient(authority, 'ada', good);
const guest = await issueClient(authority, 'guest', good);
const adam = await issueClient(authority, 'adam', good);
const otherwiseNamed = await issueClient(authority, 'ada', good, { uri: 'urn:grpc-workbook:user:guest' });
const unnamed = await issueClient(authority, 'ada', good, { uri: 'urn:somebody-else:user:ada' });

/** Credentials that the learner did not write. */
const secured = ({ certificate, key }: Identity, trusted: Buffer | null = null): ServerCredentials =>
  ServerCredentials.createSsl(trusted, [{ cert_chain: certificate, private_key: key }], trusted !== null);
const asking = secured(own, authority.certificate);
const anonymous = credentials.createSsl(authority.certificate);
const as = ({ certificate, key }: Identity): ChannelCredentials =>
  credentials.createSsl(authority.certificate, key, certificate);

let printed: string[];
beforeEach(() => {
  printed = printing();
});

/** A certificate is public. A key is not, and a log is read by many. */
const expectSecretKey = (): void =>
  must(!/PRIVATE KEY|<Buffer 2d 2d/.test(printed.join('\n')), {
    expected: 'a private key that nobody but its owner reads',
    came: 'the key, in what your code printed',
    advice: 'Print no key, not even for a moment: hand it to createSsl alone.',
  });

/** A hello that works, for what is checked before it. */
const hello: HelloHandlers['hello'] = ({ request: { greeting, name } }, callback) =>
  callback(null, { message: `${greeting} ${name}` });

describe('Step 1 · Serve TLS', () => {
  const advice =
    'Return what createSsl gives for null, an array with one pair, { cert_chain: certificate, private_key: key }, and no third argument: this server asks nothing of its clients.';
  const serve = async (): Promise<string> => {
    const { tls } = await server();
    const address = await servingWith(
      Hello.service,
      { hello },
      {
        make: tls,
        before: [former],
        given: [own],
        advice,
      },
    );
    expectSecretKey();
    return address;
  };

  it('answers a client that trusts the authority and shows no certificate', async () => {
    expectOutcome(await helloTo(await serve(), anonymous), 'Hello World', advice);
  });

  it('refuses a client that speaks without TLS', async () => {
    const outcome = await helloTo(await serve(), credentials.createInsecure());
    expectOutcome(outcome, status.UNAVAILABLE, advice, 'a client without TLS to get no connection');
  });
});

/** Whom a server refuses that wants to know who calls. */
const strangers: [what: string, channel: ChannelCredentials][] = [
  ['without a certificate', anonymous],
  ['with a certificate of another authority', as(await issueClient(other, 'ada', good))],
  ['with a certificate that has expired', as(await issueClient(authority, 'ada', past))],
  ['with a certificate that was made for a server', as(own)],
];

describe('Step 2 · Ask clients for a certificate', () => {
  const serve = async (): Promise<string> => {
    const { mutualTls } = await server();
    return servingWith(
      Hello.service,
      { hello },
      {
        make: mutualTls,
        // An authority that was trusted before, and is no more.
        before: [former, other.certificate],
        given: [own, authority.certificate],
        advice:
          'Return what createSsl gives for the authority, an array with one pair, { cert_chain: certificate, private_key: key }, and true.',
      },
    );
  };

  it('answers a client whose certificate the authority has issued', async () => {
    expectOutcome(
      await helloTo(await serve(), as(ada)),
      'Hello World',
      'Return what createSsl gives, with the certificate of the authority first: null stands for the authorities of the Web, and the certificate of the server vouches for nobody.',
    );
  });

  it.each(strangers)('refuses a client %s', async (what, channel) => {
    expectOutcome(
      await helloTo(await serve(), channel),
      status.UNAVAILABLE,
      'Give createSsl the authority, and true as its third argument: then every client has to show a certificate, which is checked.',
      `a client ${what} to get no connection`,
    );
  });
});

describe('Step 3 · Take the caller from the certificate', () => {
  /** Compares whom the learner's code takes for the caller, when it is asked within a handler. */
  const expectCaller = async (
    channel: ChannelCredentials,
    shows: ServerCredentials,
    expected: { id: string; role: string } | undefined,
    advice: string,
  ): Promise<void> => {
    const { callerFrom } = await server();
    const notReached = 'nothing: the call did not get through';
    let found: unknown = notReached;
    const handler: HelloHandlers['hello'] = (call, callback) => {
      found = callerFrom(call);
      callback(null, { message: '' });
    };
    const address = await serving(Hello.service, { hello: handler }, shows);
    const nameFound = (): unknown => (found as { id?: unknown } | undefined)?.id;
    // Somebody else calls first.
    const [earlier, name] = expected?.id === 'adam' ? [guest, 'guest'] : [adam, 'adam'];
    await helloTo(address, as(earlier), 'ada');
    const isKnown = nameFound() === name;
    found = notReached;
    await helloTo(address, channel, 'ada');
    must(!isKnown || nameFound() !== name, {
      expected: expected ? `the caller ${expected.id}` : 'no caller',
      came: `${name}, who has called before`,
      advice: 'Ask getAuthContext() in each call, and keep no caller outside of callerFrom.',
    });
    const { id, role, phone } = (found ?? {}) as Record<string, unknown>;
    same(typeof found === 'object' && found ? { id, role, phone } : found, expected, advice);
  };

  it.each([
    ['ada', as(ada), 'admin'],
    ['guest', as(guest), 'user'],
    ['adam', as(adam), 'user'],
    ['guest', as(otherwiseNamed), 'user'],
  ])('knows %s by the certificate, whatever the request claims', async (id, channel, role) => {
    await expectCaller(
      channel,
      asking,
      { id, role },
      "userIn(certificate) reads the user's name; whoever is in `admins` has the role 'admin', and others 'user'. A certificate proves no phone number: leave phone out.",
    );
  });

  it.each([
    ['no certificate was shown', anonymous, secured(own), 'sslPeerCertificate'],
    ['the certificate names no user of the workbook', as(unnamed), asking, 'userIn(certificate)'],
  ])('knows nobody when %s', async (_when, channel, shows, sign) => {
    await expectCaller(channel, shows, undefined, `${sign} is undefined then: return undefined, too.`);
  });
});

describe('Step 4 · Say what is missing: a name, or a right', () => {
  it.each([
    ['UNAUTHENTICATED', 'nobody knows who calls', undefined],
    ['PERMISSION_DENIED', 'a known caller may not do this', 'guest'],
  ] as const)('answers %s when %s', async (code, _when, id) => {
    const { guarded } = await server();
    let isReached = false;
    const handler = guarded(
      (call, callback) => {
        isReached = true;
        hello(call, callback);
      },
      () => (id === undefined ? undefined : { id, role: 'user' }),
    );
    const address = await serving(Hello.service, { hello: handler });
    const outcome = await helloTo(address, credentials.createInsecure(), 'grace');
    must(!isReached, {
      expected: 'a refused call to get no further',
      came: 'the handler was called all the same',
      advice: 'Only callback belongs here: the handler is called above, for what is allowed.',
    });
    expectOutcome(
      outcome,
      status[code],
      'UNAUTHENTICATED is for a caller whom nobody knows, PERMISSION_DENIED for one who is known and may not do it. Call callback({ code, details }) once.',
    );
    const { details = '', metadata } = outcome.error ?? {};
    // What grpc-js puts in place of details that are missing.
    must(!/^(?:Unknown Error)?$/.test(details.trim()), {
      expected: `${code} with details`,
      came: said(outcome),
      advice: 'Say in `details` what is missing.',
    });
    const texts = Object.entries(metadata?.getMap() ?? {}).map((pair) => pair.join(': '));
    // What the access table says, and whom the server knows as an admin.
    const reasons = printed.flatMap((line) => /^refused: (.+)/.exec(line)?.[1] ?? []);
    const leaked = [details, ...texts].find(
      (text) =>
        reasons.some((reason) => text.includes(reason)) ||
        (id !== undefined && /asks about|\bada\b|admin/i.test(text)),
    );
    must(leaked === undefined, {
      expected: 'an answer that keeps the reasons of the access table to the server',
      came: String(leaked),
      advice: '`why` is for the log. Say in words of your own that this is not allowed, and not who may.',
    });
  });
});

const checked =
  'Leave rejectUnauthorized as it is: createSsl looks by itself at who vouches for a certificate, what it was made for, and until when it is good.';
const named =
  'Leave checkServerIdentity as it is: it compares the name that is expected with those in the certificate.';

/** What every client of TLS has to look at: servers that are not what they should be. */
const impostors: [what: string, shows: ServerCredentials | undefined, advice: string][] = [
  ['that another authority vouches for', secured(await issueServer(other, hosts, good)), checked],
  ['whose certificate is for another host', secured(await issueServer(authority, ['a.b'], good)), named],
  ['whose certificate has expired', secured(await issueServer(authority, hosts, past)), checked],
  ['that shows a certificate for clients', secured(await issueClient(authority, 'localhost', good)), checked],
  ['that speaks without TLS', undefined, 'Return what createSsl gives: createInsecure() talks to anybody.'],
];

const expectNone = async (channel: ChannelCredentials, [what, shows, advice]: (typeof impostors)[number]) => {
  const outcome = await helloTo(await serving(Hello.service, { hello }, shows), channel);
  expectOutcome(outcome, status.UNAVAILABLE, advice, `no connection with a server ${what}`);
};

describe('Step 5 · Trust this authority and no other', () => {
  const advice =
    'Return what createSsl gives for the certificate of the authority. Without it, the authorities of the Web are trusted, which know nothing of this server; and createInsecure() does not speak TLS at all.';
  const channel = async (): Promise<ChannelCredentials> => {
    const { trusting } = await client();
    return channelOf({
      make: trusting,
      // An authority that was trusted before, and is no more.
      before: [other.certificate],
      given: [authority.certificate],
      advice,
    });
  };

  it('calls a server that the authority vouches for, by any of its names', async () => {
    for (const identity of [own, await issueServer(authority, ['a.b', ...hosts], good)]) {
      const address = await serving(Hello.service, { hello }, secured(identity));
      expectOutcome(await helloTo(address, await channel()), 'Hello World', advice);
    }
  });

  it.each(impostors)('does not talk to a server %s', async (...impostor) => {
    await expectNone(await channel(), impostor);
  });
});

describe('Step 6 · Show who you are', () => {
  const advice =
    'Return what createSsl gives for three buffers, in this order: the authority, your key, and your certificate, the ones that `introduced` is given. createInsecure() does not speak TLS at all.';
  const channel = async (identity: Identity): Promise<ChannelCredentials> => {
    const { introduced } = await client();
    const made = channelOf({
      make: introduced,
      // Somebody else who calls from the same program.
      before: [{ identity: adam, authority: authority.certificate }],
      given: [{ identity, authority: authority.certificate }],
      advice,
    });
    expectSecretKey();
    return made;
  };
  const tellUser: HelloHandlers['hello'] = (call, callback) => {
    const { sslPeerCertificate } = call.getAuthContext();
    callback(null, { message: (sslPeerCertificate && userIn(sslPeerCertificate)) ?? 'nobody' });
  };

  it.each([
    ['ada', ada],
    ['guest', guest],
  ])('shows the certificate of %s to a server that asks', async (user, identity) => {
    const address = await serving(Hello.service, { hello: tellUser }, asking);
    expectOutcome(await helloTo(address, await channel(identity)), user, advice);
  });

  it.each(impostors)('does not talk to a server %s', async (...impostor) => {
    await expectNone(await channel(ada), impostor);
  });
});

describe('Both halves together', () => {
  it.each([
    ['lets a known user do what is theirs', 'known', 'guest', 'guest', 'Hello guest'],
    ['lets no user do what is not theirs', 'known', 'guest', 'ada', status.PERMISSION_DENIED],
    ['lets nobody in without a certificate', 'known', undefined, 'guest', status.UNAVAILABLE],
    [
      'lets anybody connect where that is wanted, and knows nobody',
      'any',
      undefined,
      'guest',
      status.UNAUTHENTICATED,
    ],
  ])('%s', async (_what, clients, user, name, wanted) => {
    const { start } = await server();
    const { trusting, introduced } = await client();
    const folder = tempFolder();
    await writeCertificates(folder);
    const address = await started(() => start('127.0.0.1:0', { clients }, folder));
    const certificates = readCertificates(folder, 'guest');
    const channel = user === undefined ? trusting(certificates.authority) : introduced(certificates);
    const outcome = await helloTo(address, channel, name);
    // How hello answers is for lesson 1 to say.
    if (wanted === 'Hello guest' && outcome.error?.details.startsWith('Lesson 1, step')) return;
    const advice = `See with npm run lesson:10${clients === 'any' ? ' server -- --clients any' : ''} what each side says.`;
    expectOutcome(outcome, wanted, advice);
  });
});
