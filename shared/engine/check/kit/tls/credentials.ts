import { inspect } from 'node:util';
import { ChannelCredentials, credentials, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { vi } from 'vitest';
import { CannotUseCertificates } from '#shared/certificates/cannot-use-certificates.ts';
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

/** @returns the certificates in a buffer, a text, or whatever holds some, each as PEM without its white space */
const certificatesIn = (value: unknown): string[] => {
  if (typeof value === 'string' || Buffer.isBuffer(value)) {
    const found = String(value).match(/-----BEGIN CERTIFICATE-----[^-]+/g) ?? [];
    return found.map((pem) => pem.replaceAll(/\s/g, ''));
  }
  return value !== null && typeof value === 'object'
    ? Object.values(value).flatMap((each) => certificatesIn(each))
    : [];
};

/** A function of the learner's that makes credentials, and what a check calls it with. */
export interface Making<Given extends unknown[], Made> {
  make: (...given: Given) => Made;
  /** What it is called with first: other certificates, of which the second call must keep nothing. */
  before: Given;
  given: Given;
  /** What createSsl takes here, and in which order. */
  advice: string;
}

const ownArguments =
  'Your function was called with certificates of the check, and not with those of the folder: use its arguments, and read no file.';
const keepNothing =
  'Your function is called again with other certificates: keep nothing of the call before, outside of the function.';

const madeBy = <Given extends unknown[], T>(
  { make, before, given, advice }: Making<Given, T>,
  expected: string,
): T => {
  // No check has a certificate that an authority of the Web has issued: whether they are trusted, only this shows.
  const spies = [vi.spyOn(ServerCredentials, 'createSsl'), vi.spyOn(credentials, 'createSsl')] as const;
  try {
    const madeBefore = make(...before);
    for (const spy of spies) spy.mockClear();
    const made = make(...given);
    must(whatItIs(made) === expected, { expected, came: whatItIs(made), advice });
    const calls = spies.flatMap(({ mock }) => mock.calls as unknown[][]);
    const trusted = calls
      .map(([authorities]) => String(authorities ?? ''))
      .map((pem) => pem.split('-----BEGIN CERTIFICATE-----').length - 1);
    must(Math.max(0, ...trusted) <= 1, {
      expected: 'one authority to be trusted, the one that is given',
      came: `${Math.max(...trusted)} of them`,
      advice: 'Give createSsl this one certificate alone: each further authority could vouch for anybody.',
    });
    const ofCheck = certificatesIn(given);
    const strange = certificatesIn(calls).find((pem) => !ofCheck.includes(pem));
    const isOfBefore = strange !== undefined && certificatesIn(before).includes(strange);
    must(made !== madeBefore && !isOfBefore, {
      expected: `${expected} that are made of the certificates of this call`,
      came: 'those of the call before',
      advice: keepNothing,
    });
    must(strange === undefined, {
      expected: `${expected} that are made of the certificates of this call`,
      came: 'a certificate that your function was not called with',
      advice: ownArguments,
    });
    return made;
  } catch (error) {
    const { message, stack } = error as Error;
    if (error instanceof CannotUseCertificates) {
      const failure = new CheckFailure({
        expected: `${expected} that are made of the certificates of this call`,
        came: 'those of the folder were asked for, and cannot be used',
        advice: ownArguments,
      });
      throw Object.assign(failure, { stack });
    }
    if (!openssl.test(message) && !ofGrpc.test(message)) throw error;
    const failure = new CheckFailure({ expected, came: whyUnusable(message), advice });
    throw Object.assign(failure, { stack });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
};

/**
 * @param making - the learner's code that makes credentials for a client
 * @returns the credentials
 * @throws CheckFailure when they are none, or are made of other certificates
 */
export const channelOf = <Given extends unknown[]>(
  making: Making<Given, ChannelCredentials>,
): ChannelCredentials => madeBy(making, 'credentials for a client');

/**
 * Brings up a server that the learner did not write, with credentials that the learner's code makes.
 *
 * @param making - the learner's code that makes the credentials
 * @returns its address
 * @throws CheckFailure when no server can listen with them, or they are made of other certificates
 */
export const servingWith = async <Given extends unknown[]>(
  service: ServiceDefinition,
  handlers: Parameters<typeof serving>[1],
  making: Making<Given, ServerCredentials>,
): Promise<string> => {
  const secured = madeBy(making, 'credentials for a server');
  try {
    return await serving(service, handlers, secured);
  } catch (error) {
    const expected = 'a server that listens with your credentials';
    throw new CheckFailure({
      expected,
      came: whyUnusable(String((error as Error)?.message)),
      advice: making.advice,
    });
  }
};
