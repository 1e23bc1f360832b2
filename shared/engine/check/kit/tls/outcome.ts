import { Metadata, status, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { explainConnection } from '#shared/terminal/explain-connection.ts';
import { soon } from '../calls.ts';
import { must } from '../check-failure.ts';
import { stubAt } from '../peers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** What came of a call: its one reply, or why there is none. */
export interface Outcome {
  message?: string;
  error?: ServiceError;
}

/** What a client may claim in metadata: it proves nothing. */
const claims = new Metadata();
for (const key of 'user name caller id role x-user authorization x-forwarded-client-cert'.split(' '))
  claims.set(key, 'ada');

/**
 * Says hello to `localhost`, as somebody who claims to be ada.
 *
 * @param address - host and port of the server
 * @param channel - how the connection is secured
 * @param name - whom to greet
 * @returns what came of it
 */
export const helloTo = (address: string, channel: ChannelCredentials, name = 'World'): Promise<Outcome> =>
  new Promise((resolve) => {
    const stub = stubAt(Hello, address, { channel, expected: 'localhost' });
    stub.hello({ greeting: 'Hello', name }, claims, soon(), (error, reply) =>
      resolve(error ? { error } : { message: reply!.message }),
    );
  });

/** What a broken connection comes from, in words that are the same with every version of Node.js and of OpenSSL. */
const broken: [RegExp, string][] = [
  [/wrong version number|packet length too long/, 'what the server has sent is not TLS'],
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

/** @returns what came of a call, in words */
export const said = ({ message, error }: Outcome): string => {
  if (!error) return `the reply "${message}"`;
  if (error.code === status.DEADLINE_EXCEEDED)
    return 'nothing, until the deadline passed (DEADLINE_EXCEEDED)';
  const { seen } = explainConnection(error, { address: 'the server', shows: 'a certificate' });
  const why = error.code === status.UNAVAILABLE && broken.find(([words]) => words.test(seen))?.[1];
  return why ? `UNAVAILABLE: ${why}` : seen;
};

/**
 * @param outcome - what came of a call
 * @param wanted - the reply, or the status; UNAVAILABLE stands for no connection at all
 * @param advice - what to look for when something else came
 * @param expected - what is wanted, in words
 * @throws CheckFailure when something else came
 */
export const expectOutcome = (
  outcome: Outcome,
  wanted: string | status,
  advice: string,
  expected = typeof wanted === 'string' ? `the reply "${wanted}"` : status[wanted],
): void =>
  must((outcome.error?.code ?? outcome.message) === wanted, { expected, came: said(outcome), advice });
