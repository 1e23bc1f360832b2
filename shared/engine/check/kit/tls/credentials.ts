import { inspect } from 'node:util';
import { ChannelCredentials, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
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
  try {
    const made = make();
    must(whatItIs(made) === expected, { expected, came: whatItIs(made), advice });
    return made;
  } catch (error) {
    const { message, stack } = error as Error;
    if (!openssl.test(message) && !ofGrpc.test(message)) throw error;
    const failure = new CheckFailure({ expected, came: whyUnusable(message), advice });
    throw Object.assign(failure, { stack });
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
