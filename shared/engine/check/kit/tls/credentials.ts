import { inspect } from 'node:util';
import { ChannelCredentials, credentials, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { vi } from 'vitest';
import { CheckFailure, must } from '../check-failure.ts';
import { serving } from '../peers.ts';

/** What OpenSSL says of a certificate or a key: a number, the place in its source, and words. */
const openssl = /^error:[0-9A-F]+:/i;

/** What grpc-js says of arguments that it cannot use. */
const ofGrpc = /must be .*(?:Buffer|array|boolean|given with)/;

const whyUnusable = (message: string): string => {
  if (message.includes('key values mismatch')) return 'a key that does not belong to the certificate';
  return openssl.test(message) ? 'a buffer that holds something else than what belongs there' : message;
};

const whatItIs = (made: unknown): string => {
  if (made instanceof ServerCredentials) return 'credentials for a server';
  if (made instanceof ChannelCredentials) return 'credentials for a client';
  return made instanceof Promise ? 'a promise' : inspect(made, { depth: 0 });
};

const madeBy = <T>(make: () => T, expected: string, advice: string): T => {
  // No check has a certificate that an authority of the Web has issued: whether they are trusted, only this shows.
  const given = [vi.spyOn(ServerCredentials, 'createSsl'), vi.spyOn(credentials, 'createSsl')] as const;
  try {
    const made = make();
    must(whatItIs(made) === expected, { expected, came: whatItIs(made), advice });
    const trusted = given
      .flatMap(({ mock }) => mock.calls.map(([authorities]) => String(authorities ?? '')))
      .map((pem) => pem.split('-----BEGIN CERTIFICATE-----').length - 1);
    must(Math.max(0, ...trusted) <= 1, {
      expected: 'one authority to be trusted, the one that is given',
      came: `${Math.max(...trusted)} of them`,
      advice: 'Give createSsl this one certificate alone: each further authority could vouch for anybody.',
    });
    return made;
  } catch (error) {
    const { message, stack } = error as Error;
    if (!openssl.test(message) && !ofGrpc.test(message)) throw error;
    const failure = new CheckFailure({ expected, came: whyUnusable(message), advice });
    throw Object.assign(failure, { stack });
  } finally {
    for (const spy of given) spy.mockRestore();
  }
};

/**
 * @param make - the learner's code that makes credentials for a client
 * @param advice - what createSsl takes here, and in which order
 * @returns the credentials
 * @throws CheckFailure when they are none
 */
export const channelOf = (make: () => ChannelCredentials, advice: string): ChannelCredentials =>
  madeBy(make, 'credentials for a client', advice);

/**
 * Brings up a server that the learner did not write, with credentials that the learner's code makes.
 *
 * @param make - makes the credentials
 * @param advice - what createSsl takes here, and in which order
 * @returns its address
 * @throws CheckFailure when no server can listen with them
 */
export const servingWith = async (
  service: ServiceDefinition,
  handlers: Parameters<typeof serving>[1],
  make: () => ServerCredentials,
  advice: string,
): Promise<string> => {
  const secured = madeBy(make, 'credentials for a server', advice);
  try {
    return await serving(service, handlers, secured);
  } catch (error) {
    const expected = 'a server that listens with your credentials';
    throw new CheckFailure({ expected, came: whyUnusable(String((error as Error)?.message)), advice });
  }
};
