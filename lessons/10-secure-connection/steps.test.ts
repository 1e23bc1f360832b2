import { inspect } from 'node:util';
import {
  ChannelCredentials,
  credentials,
  ServerCredentials,
  status,
  type ServiceError,
  Metadata,
} from '@grpc/grpc-js';
import { beforeEach, describe, it, onTestFinished, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { readCertificates, writeCertificates } from '#shared/certificates/folder.ts';
import {
  issueClient,
  issueServer,
  makeAuthority,
  userIn,
  type Identity,
} from '#shared/certificates/issue.ts';
import { lifeFrom } from '#shared/certificates/misfits.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { wiretapTo, type Wiretap } from '#shared/grpc/wiretap.ts';
import { explainConnection } from '#shared/terminal/explain-connection.ts';
import { soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { serving, started, stubAt, tracked } from '#kit/peers.ts';
import { tempFolder } from '#kit/temp-folder.ts';
import { faultOf } from '#kit/faults.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/10-secure-connection/server.ts');
const client = () => import('#answers/10-secure-connection/client.ts');

const localhost = 'localhost';
const hosts = [localhost, '127.0.0.1'] as const;
const good = lifeFrom(-1, 7);
const past = lifeFrom(-8, 7);
const authority = await makeAuthority(lifeFrom(-9, 30));
const other = await makeAuthority(lifeFrom(-9, 30));
const ownServer = await issueServer(authority, hosts, good);
const ada = await issueClient(authority, 'ada', good);
const guest = await issueClient(authority, 'guest', good);
const adam = await issueClient(authority, 'adam', good);

/** Credentials that the learner did not write. */
const peer = {
  tls: ({ certificate, key }: Identity) =>
    ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]),
  mutualTls: ({ certificate, key }: Identity) =>
    ServerCredentials.createSsl(authority.certificate, [{ cert_chain: certificate, private_key: key }], true),
  trusting: (trusted = authority) => credentials.createSsl(trusted.certificate),
  introduced: ({ certificate, key }: Identity) =>
    credentials.createSsl(authority.certificate, key, certificate),
};

// The server's log is not what is checked.
beforeEach(() => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
});

/** A hello that works, for what is checked before it. */
const greet: HelloHandlers['hello'] = ({ request: { greeting, name } }, callback) =>
  callback(null, { message: `${greeting} ${name}` });

/** Somebody on the way to a server, until the check is over. */
const tapped = async (address: string): Promise<Wiretap> => {
  const tap = await wiretapTo(address);
  tracked({ forceShutdown: tap.close });
  return tap;
};

/** What came of a call. */
interface Outcome {
  message?: string;
  error?: ServiceError;
}

/** What a client may claim in metadata: it proves nothing. */
const claims = (): Metadata => {
  const metadata = new Metadata();
  for (const key of [
    'user',
    'name',
    'caller',
    'id',
    'role',
    'x-user',
    'authorization',
    'x-forwarded-client-cert',
  ]) {
    metadata.set(key, 'ada');
  }
  return metadata;
};

const call = (
  address: string,
  channel: ChannelCredentials,
  request: HelloRequest = { greeting: 'Hello', name: 'World' },
  expected = localhost,
): Promise<Outcome> =>
  new Promise((resolve) => {
    const stub = stubAt(Hello, address, { channel, expected });
    stub.hello(request, claims(), soon(), (error, reply) =>
      resolve(error ? { error } : { message: reply!.message }),
    );
  });

/** What OpenSSL says of an answer without TLS. */
const notTls = /wrong version number|packet length too long/;

/** What a broken connection comes from, in words that are the same with every version of Node.js and of OpenSSL. */
const broken: [RegExp, string][] = [
  [notTls, 'what the server has sent is not TLS'],
  [/alert certificate required/, 'the server asks for a certificate, and got none'],
  [
    /unable to verify|unable to get local issuer|self.signed certificate/,
    'nobody whom the client trusts has vouched for the server',
  ],
  [
    /Failed to connect|ECONNRESET|EPIPE|[Ss]ocket (?:closed|hang up)|disconnected before secure|Connection dropped/,
    'the server has closed the connection without a word',
  ],
];

const said = ({ message, error }: Outcome): string => {
  if (!error) return `the reply "${message}"`;
  if (error.code === status.DEADLINE_EXCEEDED)
    return 'nothing, until the deadline passed (DEADLINE_EXCEEDED)';
  const { seen } = explainConnection(error, { address: 'the server', shows: 'a certificate' });
  const why = error.code === status.UNAVAILABLE && broken.find(([words]) => words.test(seen))?.[1];
  return why ? `UNAVAILABLE: ${why}` : seen;
};

/** What OpenSSL says of a certificate or a key: a number, the place in its source, and words. */
const openssl = /^error:[0-9A-F]+:/i;

/** What is wrong with certificates and keys, from what OpenSSL or grpc-js has thrown. */
const whyUnusable = ({ message }: Error): string => {
  if (message.includes('key values mismatch')) return 'a key that does not belong to the certificate';
  return openssl.test(message) ? 'a buffer that holds something else than what belongs there' : message;
};

/** What stands where credentials should be. */
const kindOf = (made: unknown): string => {
  if (made instanceof ServerCredentials) return 'credentials for a server';
  if (made instanceof ChannelCredentials) return 'credentials for a client';
  return made instanceof Promise ? 'a promise' : inspect(made, { depth: 0 });
};

const expectReply = (outcome: Outcome, message: string, advice: string): void =>
  must(outcome.message === message, { expected: `the reply "${message}"`, came: said(outcome), advice });

/** There must be no connection at all: refused by one side, and not only answered with a status. */
const expectNoConnection = (outcome: Outcome, expected: string, advice: string): void =>
  must(outcome.error?.code === status.UNAVAILABLE, { expected, came: said(outcome), advice });

/**
 * Makes credentials of the learner's. What grpc-js says to arguments that it cannot use says nothing of their order.
 *
 * @param make - makes them
 * @param expected - what comes out
 * @param order - what createSsl takes, and in which order
 */
const madeBy = <T>(make: () => T, expected: string, order: string): T => {
  try {
    return make();
  } catch (error) {
    const refused =
      error instanceof Error &&
      (openssl.test(error.message) || /must be .*(?:Buffer|array|boolean|given with)/.test(error.message));
    if (!refused) throw error;
    const failure = new CheckFailure({ expected, came: whyUnusable(error), advice: order });
    throw Object.assign(failure, { stack: error.stack });
  }
};

/** Brings up a server with credentials of the learner's. */
const servingWith = async (make: () => ServerCredentials): Promise<string> => {
  const expected = 'credentials for a server';
  const made = madeBy(
    make,
    expected,
    'createSsl takes a buffer or null, then an array with one { cert_chain, private_key }, both buffers, and then true or false, or nothing.',
  );
  must(made instanceof ServerCredentials, {
    expected,
    came: kindOf(made),
    advice: 'Return what ServerCredentials.createSsl(…) gives.',
  });
  try {
    return await serving(Hello.service, { hello: greet }, made);
  } catch (error) {
    throw new CheckFailure({
      expected: 'a server that listens with your credentials',
      came: error instanceof Error ? whyUnusable(error) : String(error),
      advice: 'cert_chain takes the certificate, and private_key the key that belongs to it.',
    });
  }
};

/** Credentials of the learner's for a client. */
const channelOf = (make: () => ChannelCredentials, order: string): ChannelCredentials => {
  const expected = 'credentials for a client';
  const made = madeBy(make, expected, order);
  must(made instanceof ChannelCredentials, {
    expected,
    came: kindOf(made),
    advice: 'Return what credentials.createSsl(…) gives.',
  });
  return made;
};

describe('Step 1 · Serve TLS', () => {
  it('answers a client that trusts the authority and shows no certificate', async () => {
    const { tls } = await server();
    const address = await servingWith(() => tls(ownServer));
    const outcome = await call(address, peer.trusting());
    const details = outcome.error?.details ?? '';
    expectReply(
      outcome,
      'Hello World',
      notTls.test(details)
        ? 'Your server speaks without TLS: createInsecure() has to go.'
        : /certificate required|Failed to connect|ECONNRESET/.test(details)
          ? 'This server asks nothing of its clients: leave out the third argument of createSsl, or give it false.'
          : 'createSsl takes null, and then an array with one pair: the certificate of the server, and its key.',
    );
  });

  it('refuses a client that speaks without TLS', async () => {
    const { tls } = await server();
    const address = await servingWith(() => tls(ownServer));
    expectNoConnection(
      await call(address, credentials.createInsecure()),
      'a client without TLS to get no connection',
      'Return what createSsl gives: then the port takes nothing but TLS.',
    );
  });

  it('sends nothing that somebody on the way could read', async () => {
    const { tls } = await server();
    const request = { greeting: 'Hello', name: 'nobody else may read this' };
    const open = await tapped(await serving(Hello.service, { hello: greet }));
    await call(open.address, credentials.createInsecure(), request);
    must(open.bytes().includes(request.name), {
      expected: 'the message in the bytes on the wire, without TLS',
      came: `${open.bytes().length} bytes without it`,
      advice: 'This is about the check itself, and not about your server.',
    });
    const secret = await tapped(await servingWith(() => tls(ownServer)));
    const outcome = await call(secret.address, peer.trusting(), request);
    expectReply(outcome, `Hello ${request.name}`, 'The first check of this step should have told more.');
    must(!secret.bytes().includes(request.name), {
      expected: 'bytes on the wire that tell nobody what is in them',
      came: 'the message, in plain view',
      advice: 'Return what createSsl gives.',
    });
  });
});

describe('Step 2 · Ask clients for a certificate', () => {
  const serve = async (): Promise<string> => {
    const { mutualTls } = await server();
    return servingWith(() => mutualTls(ownServer, authority.certificate));
  };

  it('answers a client whose certificate the authority has issued', async () => {
    const outcome = await call(await serve(), peer.introduced(ada));
    expectReply(
      outcome,
      'Hello World',
      notTls.test(outcome.error?.details ?? '')
        ? 'Your server speaks without TLS: createInsecure() has to go.'
        : 'createSsl takes the certificate of the authority first. With null, it would be the authorities of the Web that vouch for your clients; and the certificate of the server vouches for nobody.',
    );
  });

  it('refuses a client that shows no certificate', async () => {
    expectNoConnection(
      await call(await serve(), peer.trusting()),
      'a client without a certificate to get no connection',
      'The third argument of createSsl says whether clients have to show a certificate: true.',
    );
  });

  it.each<[string, Promise<Identity>]>([
    ['of another authority', issueClient(other, 'ada', good)],
    ['that has expired', issueClient(authority, 'ada', past)],
    ['that was made for a server', issueServer(authority, hosts, good)],
  ])('refuses a client with a certificate %s', async (what, shown) => {
    expectNoConnection(
      await call(await serve(), peer.introduced(await shown)),
      `a client with a certificate ${what} to get no connection`,
      'Give createSsl the authority that it got, and true: then clients are checked against it.',
    );
  });
});

describe('Step 3 · Take the caller from the certificate', () => {
  /** A server of the check's own, which answers with what the learner makes of its callers. */
  const asked = async (secured: ServerCredentials, channel: ChannelCredentials): Promise<unknown> => {
    const { callerFrom } = await server();
    let found: unknown = 'nothing: the call did not get through';
    let thrown: unknown;
    const address = await serving(
      Hello.service,
      {
        hello: ((asking, callback) => {
          try {
            found = callerFrom(asking);
          } catch (error) {
            thrown = error;
          }
          callback(null, { message: '' });
        }) satisfies HelloHandlers['hello'],
      },
      secured,
    );
    await call(address, channel, { greeting: 'Hello', name: 'ada' });
    if (thrown) throw thrown;
    return found;
  };
  const picked = (caller: unknown): unknown => {
    const { id, phone, role } = (caller ?? {}) as { id?: unknown; phone?: unknown; role?: unknown };
    return { id, role, ...(phone === undefined ? {} : { phone }) };
  };

  it.each([
    ['ada', ada, 'admin'],
    ['guest', guest, 'user'],
    ['adam', adam, 'user'],
  ])('knows %s by the certificate, whatever the request claims', async (id, identity, role) => {
    same(
      picked(await asked(peer.mutualTls(ownServer), peer.introduced(identity))),
      { id, role },
      "userIn(certificate) reads the user's name; whoever is in `admins` has the role 'admin', and others 'user'. A certificate proves no phone number: leave phone out.",
    );
  });

  it('knows nobody when no certificate was shown', async () => {
    const expected = 'undefined';
    const advice =
      'Without a certificate, sslPeerCertificate is undefined: return undefined then, and no caller at all.';
    const came = await asked(peer.tls(ownServer), peer.trusting()).catch((error: unknown) => {
      // What userIn, or a property, makes of undefined; or an error of the learner's own.
      if (!(error instanceof Error) || faultOf(error).kind === 'unwritten') throw error;
      throw Object.assign(new CheckFailure({ expected, came: `an error: ${error.message}`, advice }), {
        stack: error.stack,
      });
    });
    must(came === undefined, { expected, came: JSON.stringify(came), advice });
  });

  it('knows nobody when the certificate names no user of the workbook', async () => {
    const certificate = await issueClient(authority, 'ada', good, { uri: 'urn:somebody-else:user:ada' });
    const came = await asked(peer.mutualTls(ownServer), peer.introduced(certificate));
    must(came === undefined, {
      expected: 'undefined: this authority has vouched for something else than a user of the workbook',
      came: JSON.stringify(came),
      advice: 'userIn(certificate) returns undefined then. So must you.',
    });
  });
});

describe('Step 4 · Say what is missing: a name, or a right', () => {
  interface Asked extends Outcome {
    reached: boolean;
    /** How many times the callback was called. */
    answers: number;
  }
  const asking = async (id: string | undefined, name: string): Promise<Asked> => {
    const { guarded } = await server();
    let reached = false;
    let answers = 0;
    const handler: HelloHandlers['hello'] = (asked, callback) => {
      reached = true;
      greet(asked, callback);
    };
    const answer = guarded(handler, () => (id === undefined ? undefined : { id, role: 'user' }));
    const hello: HelloHandlers['hello'] = (asked, callback) =>
      answer(asked, (...given) => {
        answers += 1;
        // A second answer goes nowhere.
        if (answers === 1) callback(...given);
      });
    const address = await serving(Hello.service, { hello });
    const outcome = await call(address, credentials.createInsecure(), { greeting: 'Hello', name });
    return { ...outcome, reached, answers };
  };
  const expectRefusal = ({ reached, answers, ...outcome }: Asked, code: status): void => {
    must(!reached, {
      expected: 'a refused call to get no further',
      came: 'the handler was called all the same',
      advice: 'Only callback belongs here: the handler is called above, for what is allowed.',
    });
    must(answers < 2, {
      expected: 'one answer',
      came: `${answers}: callback was called ${answers === 2 ? 'twice' : `${answers} times`}`,
      advice: 'Put return or else between the two: the code after a callback runs on.',
    });
    must(outcome.error?.code === code, {
      expected: status[code],
      came: said(outcome),
      advice:
        'UNAUTHENTICATED is for a caller whom nobody knows, PERMISSION_DENIED for one who is known and may not do it. Call callback({ code, details }) once.',
    });
    // What grpc-js puts in place of details that are missing.
    must(!/^(?:Unknown Error)?$/.test(outcome.error.details.trim()), {
      expected: `${status[code]} with details`,
      came: said(outcome),
      advice: 'Say in `details` what is missing.',
    });
  };

  it('answers UNAUTHENTICATED when nobody knows who calls', async () => {
    expectRefusal(await asking(undefined, 'ada'), status.UNAUTHENTICATED);
  });

  it('answers PERMISSION_DENIED when a known caller may not do this', async () => {
    const outcome = await asking('guest', 'grace');
    expectRefusal(outcome, status.PERMISSION_DENIED);
    const { details = '', metadata } = outcome.error ?? {};
    const { date: _date, 'content-type': _type, ...own } = metadata?.getMap() ?? {};
    const beside = JSON.stringify(own);
    // What the access table says, and whom the server knows as an admin.
    must(!/asks about|\bada\b|admin/i.test(details + beside), {
      expected: 'an answer that keeps the reasons of the access table to the server',
      came: `${said(outcome)}${beside === '{}' ? '' : `, with ${beside}`}`,
      advice:
        '`why` is for the log. Tell the caller in words of your own that this is not allowed, and not who may.',
    });
  });
});

/** What every client of TLS has to look at: servers that are not what they should be. */
const impostors: [string, string, () => Promise<Identity>][] = [
  [
    'that another authority vouches for',
    'The client trusts the authority that it is given, and no other: leave rejectUnauthorized as it is.',
    () => issueServer(other, hosts, good),
  ],
  [
    'whose certificate was made for another host',
    'Leave checkServerIdentity as it is: it compares the name that is expected with those in the certificate.',
    () => issueServer(authority, ['other.example'], good),
  ],
  [
    'whose certificate has expired',
    'createSsl looks at the time by itself: leave rejectUnauthorized as it is.',
    () => issueServer(authority, hosts, past),
  ],
  [
    'that shows the certificate of a client',
    'createSsl looks at what a certificate was made for by itself: leave rejectUnauthorized as it is.',
    () => issueClient(authority, 'localhost', good),
  ],
];

describe('Step 5 · Trust this authority and no other', () => {
  const channel = async (): Promise<ChannelCredentials> => {
    const { trusting } = await client();
    return channelOf(
      () => trusting(authority.certificate),
      'createSsl takes the certificate of the authority as its first argument, and needs no other here.',
    );
  };

  it('calls a server that the authority vouches for', async () => {
    const address = await serving(Hello.service, { hello: greet }, peer.tls(ownServer));
    expectReply(
      await call(address, await channel()),
      'Hello World',
      'createSsl takes the certificate of the authority first. Without it, the authorities of the Web are trusted, which know nothing of this server; and createInsecure() does not speak TLS at all.',
    );
  });

  it.each(impostors)('does not talk to a server %s', async (what, advice, shown) => {
    const address = await serving(Hello.service, { hello: greet }, peer.tls(await shown()));
    expectNoConnection(await call(address, await channel()), `no connection with a server ${what}`, advice);
  });

  it('does not talk to a server without TLS', async () => {
    const address = await serving(Hello.service, { hello: greet });
    expectNoConnection(
      await call(address, await channel()),
      'no connection with a server that speaks without TLS',
      'Return what createSsl gives: createInsecure() talks to anybody.',
    );
  });
});

describe('Step 6 · Show who you are', () => {
  const channel = async (identity = ada): Promise<ChannelCredentials> => {
    const { introduced } = await client();
    return channelOf(
      () => introduced({ identity, authority: authority.certificate }),
      'createSsl takes three buffers: the authority, then your key, then your certificate.',
    );
  };
  const tellUser: HelloHandlers['hello'] = (asked, callback) => {
    const { sslPeerCertificate } = asked.getAuthContext();
    callback(null, { message: (sslPeerCertificate && userIn(sslPeerCertificate)) ?? 'nobody' });
  };

  it.each([
    ['ada', ada],
    ['guest', guest],
  ])('shows the certificate of %s to a server that asks', async (user, identity) => {
    const address = await serving(Hello.service, { hello: tellUser }, peer.mutualTls(ownServer));
    const outcome = await call(address, await channel(identity));
    const details = outcome.error?.details ?? '';
    expectReply(
      outcome,
      user,
      /certificate required|handshake failure/.test(details)
        ? 'Your client has shown no certificate: after the authority, give createSsl your key and your certificate, identity.key and identity.certificate.'
        : /self.signed|unable to/.test(details)
          ? 'createSsl takes the certificate of the authority first. Without it, the authorities of the Web are trusted, which know nothing of this server.'
          : /Failed to connect|ECONNRESET/.test(details)
            ? 'The server has closed the connection: createInsecure() does not speak TLS, and a certificate of somebody else is not yours. createSsl takes the authority, then your key, then your certificate.'
            : 'createSsl takes the authority, then your key, then your certificate, the ones that `introduced` is given.',
    );
  });

  it.each(impostors)('does not talk to a server %s', async (what, advice, shown) => {
    const address = await serving(Hello.service, { hello: greet }, peer.mutualTls(await shown()));
    expectNoConnection(await call(address, await channel()), `no connection with a server ${what}`, advice);
  });
});

describe('Both halves together', () => {
  it('lets known users in, and each do what is theirs', async () => {
    const { start } = await server();
    const { trusting, introduced } = await client();
    const folder = tempFolder();
    await writeCertificates(folder);
    const address = await started(() => start('127.0.0.1:0', { clients: 'known' }, folder));
    const known = introduced(readCertificates(folder, 'guest'));
    const allowed = await call(address, known, { greeting: 'Hello', name: 'guest' });
    // How hello answers is for lesson 1 to say.
    const lesson1 = allowed.error?.details.startsWith('Lesson 1, step');
    if (!lesson1) expectReply(allowed, 'Hello guest', 'See with npm run lesson:10 what each side says.');
    const refused = await call(address, known, { greeting: 'Hello', name: 'ada' });
    must(refused.error?.code === status.PERMISSION_DENIED, {
      expected: 'PERMISSION_DENIED for guest in the name of ada',
      came: said(refused),
      advice: 'See with npm run lesson:10 what each side says.',
    });
    expectNoConnection(
      await call(address, trusting(readCertificates(folder, 'guest').authority)),
      'a client without a certificate to get no connection',
      'See with npm run lesson:10 what each side says.',
    );
  });

  it('lets anybody connect where that is wanted, and still knows nobody', async () => {
    const { start } = await server();
    const { trusting } = await client();
    const folder = tempFolder();
    await writeCertificates(folder);
    const address = await started(() => start('127.0.0.1:0', { clients: 'any' }, folder));
    const outcome = await call(address, trusting(readCertificates(folder, 'guest').authority));
    must(outcome.error?.code === status.UNAUTHENTICATED, {
      expected: 'UNAUTHENTICATED',
      came: said(outcome),
      advice: 'See with npm run lesson:10 server -- --clients any what your server says.',
    });
  });
});
