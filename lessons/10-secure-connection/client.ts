import { credentials, status, type ChannelCredentials } from '@grpc/grpc-js';
import { sayHello } from '#answers/01-unary-hello/client.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { certificatesFolder, readCertificates, type Certificates } from '#shared/certificates/folder.ts';
import { makeAuthority } from '#shared/certificates/issue.ts';
import { lifeFrom, misfit, type Misfit } from '#shared/certificates/misfits.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { wiretapTo } from '#shared/grpc/wiretap.ts';
import type { Ask, ClientContext, Questions } from '#shared/terminal/ask.ts';
import { explainConnection, type Wanted } from '#shared/terminal/explain-connection.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// For a client that wants to be sure of the server, and shows nothing itself.
export const trusting = (authority: Buffer): ChannelCredentials => {
  // TODO 5 · Trust this authority and no other
  throw new Error('Step 5 is not written yet');
};

// For a client that the server wants to be sure of, too.
export const introduced = ({ identity, authority }: Certificates): ChannelCredentials => {
  // TODO 6 · Show who you are
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  show: {
    message: 'What would you like to see?',
    initial: 'tour',
    choices: [
      'tour',
      'call',
      'wire',
      'plaintext',
      'no-tls',
      'authority',
      'host',
      'expired',
      'no-certificate',
      'name',
    ],
  },
  user: { message: 'Whose certificate do you show?', initial: 'ada', choices: ['ada', 'guest'] },
  name: { message: 'Whom do you greet?', initial: 'World', piped: true },
} satisfies Questions;

// From here on: what the pair shows. There is nothing left for you to write.

// The address says where to go; this says who is expected there. Certificates are made for names.
const localhost = 'localhost';

/** What a client brings to a connection. */
type Client = { channel: ChannelCredentials; shows: Wanted['shows'] };

const plain = (): Client => ({ channel: credentials.createInsecure(), shows: 'nothing' });
const anonymous = (authority: Buffer): Client => ({ channel: trusting(authority), shows: 'no certificate' });
const as = (user: string): Client => ({
  channel: introduced(readCertificates(certificatesFolder, user)),
  shows: 'a certificate',
});

const world: HelloRequest = { greeting: 'Hello', name: 'World' };

const attempt = async (
  address: string,
  { channel, shows }: Client,
  { request = world, expected = localhost } = {},
): Promise<void> => {
  const options = shows === 'nothing' ? {} : { 'grpc.ssl_target_name_override': expected };
  const stub = new Hello(address, channel, options);
  try {
    console.log(`  reply: ${(await sayHello(stub, request)).message}`);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const { seen, means } = explainConnection(error, { address, shows });
    console.log(`  seen:  ${seen}`);
    if (means) console.log(`  means: ${means}`);
    process.exitCode = 1;
  } finally {
    stub.close();
  }
};

// The same call, with somebody on the way who sees every byte. How it ends does not matter, if only there is a connection.
const listenIn = async (address: string, { channel, shows }: Client): Promise<void> => {
  const tap = await wiretapTo(address);
  const stub = new Hello(tap.address, channel, { 'grpc.ssl_target_name_override': localhost });
  let absent = 'nothing of it';
  try {
    await sayHello(stub, world);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    if (error.code === status.UNAVAILABLE) absent = 'no connection, so nothing to read';
  } finally {
    stub.close();
    tap.close();
  }
  const text = tap
    .bytes()
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '·');
  const found = /..World..Hello/.exec(text)?.[0];
  console.log(`  ${shows === 'nothing' ? 'without TLS:' : 'with TLS:   '} ${found ?? absent}`);
};

// A server with which something is wrong, for as long as a call takes.
const withMisfit = async (what: Parameters<typeof misfit>[1], use: (server: Misfit) => Promise<void>) => {
  const server = await misfit(Hello.service, what);
  await use(server).finally(server.stop);
};

const showsAt = (address: string, ask: Ask<typeof questions>) => ({
  call: async () => {
    const user = await ask.one('user');
    const request = { greeting: 'Hello', name: await ask.one('name') };
    console.log(`call: ${user} shows a certificate, and greets ${request.name}`);
    await attempt(address, as(user), { request });
  },
  wire: async () => {
    console.log('wire: somebody on the way reads what a call to World sends');
    await withMisfit('plaintext', (server) => listenIn(server.address, plain()));
    await listenIn(address, as('ada'));
  },
  plaintext: async () => {
    console.log('plaintext: a client without TLS calls this server');
    await attempt(address, plain());
  },
  'no-tls': async () => {
    console.log('no-tls: a client with TLS calls a server without');
    await withMisfit('plaintext', (server) => attempt(server.address, anonymous(server.authority)));
  },
  authority: async () => {
    console.log('authority: a client that trusts another authority calls this server');
    const { certificate } = await makeAuthority(lifeFrom(0, 1));
    await attempt(address, anonymous(certificate));
  },
  host: async () => {
    console.log('host: a client expects bank.example, and reaches this server');
    await attempt(address, as('ada'), { expected: 'bank.example' });
  },
  expired: async () => {
    console.log('expired: a client calls a server whose certificate expired yesterday');
    await withMisfit('expired', (server) => attempt(server.address, anonymous(server.authority)));
  },
  'no-certificate': async () => {
    console.log('no-certificate: a client that shows no certificate calls this server');
    await attempt(address, anonymous(readCertificates(certificatesFolder, 'ada').authority));
  },
  name: async () => {
    console.log('name: guest shows a certificate, and says hello in the name of ada');
    await attempt(address, as('guest'), { request: { greeting: 'Hello', name: 'ada' } });
  },
});

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const shows = showsAt(address, ask);
  const show = (await ask.one('show')) as keyof typeof shows | 'tour';
  if (show !== 'tour') return shows[show]();
  for (const each of Object.values(shows)) await each();
  // Being refused is what the tour is there to show.
  process.exitCode = 0;
};
