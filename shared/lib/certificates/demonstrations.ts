import { credentials, status, type ChannelCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { isServiceError } from '../grpc/service-error.ts';
import { wiretapTo } from '../grpc/wiretap.ts';
import type { Ask, Question } from '../terminal/ask.ts';
import { explainConnection, type Wanted } from '../terminal/explain-connection.ts';
import { certificatesFolder, readCertificates } from './folder.ts';
import { makeAuthority } from './issue.ts';
import { lifeFrom, misfit, type Misfit } from './faulty-server.ts';

/** What a client brings to a connection, and what it shows of itself there. */
export interface Bringing extends Pick<Wanted, 'shows'> {
  channel: ChannelCredentials;
}

/** What a client does and says that shows how a secure connection comes about, or does not. */
export interface ShowingClient {
  /** The contract that it calls by. */
  service: ServiceDefinition;
  /** Brings trust in this authority, and no certificate. */
  anonymous: (authority: Buffer) => Bringing;
  /** Brings the certificate of this user. */
  as: (user: string) => Bringing;
  /** Greets a name, over a connection to a server that is expected to be `expected`; for `reply` it says what came. */
  greet: (address: string, client: Bringing, name?: string, expected?: string) => Promise<string>;
}

/** A client that speaks without TLS. */
const plain: Bringing = { channel: credentials.createInsecure(), shows: 'nothing' };

/** Makes a call, and prints its reply, or why there is none. */
const attempt = async (address: string, { shows }: Bringing, greeted: Promise<string>): Promise<void> => {
  try {
    console.log(`  reply: ${await greeted}`);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const { seen, means } = explainConnection(error, { address, shows });
    console.log(`  seen:  ${seen}`);
    if (means) console.log(`  means: ${means}`);
    process.exitCode = 1;
  }
};

/** Prints what somebody on the way reads of a call. How it ends does not matter, if only there is a connection. */
const listenIn = async (address: string, client: Bringing, greet: ShowingClient['greet']): Promise<void> => {
  const tap = await wiretapTo(address);
  let absent = 'nothing of it';
  try {
    await greet(tap.address, client);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    if (error.code === status.UNAVAILABLE) absent = 'no connection, so nothing to read';
  } finally {
    tap.close();
  }
  const text = tap
    .bytes()
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '·');
  const found = /..World..Hello/.exec(text)?.[0];
  console.log(`  ${client.shows === 'nothing' ? 'without TLS:' : 'with TLS:   '} ${found ?? absent}`);
};

/**
 * The shows of lesson 10: calls that come through, and others that are refused.
 *
 * @param address - host and port of the server
 * @param ask - asks whose certificate to show, and whom to greet
 * @param client - makes the calls
 * @returns what can be shown, by name; each prints what it does and what comes of it, and sets the exit code to 1 when
 * its call is refused
 */
export const showsOf = (
  address: string,
  ask: Ask<Record<'user' | 'name', Question>>,
  { service, anonymous, as, greet }: ShowingClient,
) => {
  const call = (client: Bringing, at = address, name?: string, expected?: string): Promise<void> =>
    attempt(at, client, greet(at, client, name, expected));
  // A server with which something is wrong, for as long as a call takes.
  const withMisfit = async (what: Parameters<typeof misfit>[1], use: (server: Misfit) => Promise<void>) => {
    const server = await misfit(service, what);
    try {
      await use(server);
    } finally {
      server.stop();
    }
  };
  return {
    call: async () => {
      const user = await ask.one('user');
      const name = await ask.one('name');
      console.log(`call: ${user} shows a certificate, and greets ${name}`);
      await call(as(user), address, name);
    },
    wire: async () => {
      console.log('wire: somebody on the way reads what a call to World sends');
      await withMisfit('plaintext', (server) => listenIn(server.address, plain, greet));
      await listenIn(address, as('ada'), greet);
    },
    plaintext: async () => {
      console.log('plaintext: a client without TLS calls this server');
      await call(plain);
    },
    'no-tls': async () => {
      console.log('no-tls: a client with TLS calls a server without');
      await withMisfit('plaintext', (server) => call(anonymous(server.authority), server.address));
    },
    authority: async () => {
      console.log('authority: a client that trusts another authority calls this server');
      const { certificate } = await makeAuthority(lifeFrom(0, 1));
      await call(anonymous(certificate));
    },
    host: async () => {
      console.log('host: a client expects bank.example, and reaches this server');
      await call(as('ada'), address, undefined, 'bank.example');
    },
    expired: async () => {
      console.log('expired: a client calls a server whose certificate expired yesterday');
      await withMisfit('expired', (server) => call(anonymous(server.authority), server.address));
    },
    'no-certificate': async () => {
      console.log('no-certificate: a client that shows no certificate calls this server');
      await call(anonymous(readCertificates(certificatesFolder, 'ada').authority));
    },
    name: async () => {
      console.log('name: guest shows a certificate, and says hello in the name of ada');
      await call(as('guest'), address, 'ada');
    },
  };
};
