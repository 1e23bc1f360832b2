import type { Metadata } from '@grpc/grpc-js';
import { errors, type JWTPayload } from 'jose';
import type { Caller } from './caller.ts';

/** What a token has shown. */
export interface Identity {
  caller: Caller;
  /** Until when, in milliseconds since 1970. */
  until: number;
}

/** A call does not show whose it is. The message says why, for the server's log: nothing of a token is in it. */
export class NotIdentified extends Error {
  override name = 'NotIdentified';
}

/**
 * Reads whose token it is.
 *
 * @param claims - what a token says whose signature has been checked
 * @returns whose it is, and until when
 * @throws NotIdentified when the claims do not tell
 */
export const identityIn = ({ sub: id, phone_number: phone, role, exp }: JWTPayload): Identity => {
  const known =
    typeof id === 'string' && id !== '' && typeof phone === 'string' && (role === 'user' || role === 'admin');
  if (!known || exp === undefined) throw new NotIdentified('a claim of the token is missing, or wrong');
  return { caller: { id, phone, role }, until: exp * 1_000 };
};

/** The longest token that is looked at, in characters. The server's own have about 400. */
const longestToken = 4_096;

/**
 * Takes the token out of the metadata of a call: `authorization: Bearer <token>`, once.
 *
 * @param metadata - the metadata of the call
 * @returns the token, as it came
 * @throws NotIdentified when there is not exactly one
 */
export const bearerToken = (metadata: Metadata): string => {
  const values = metadata.get('authorization');
  if (values.length === 0) throw new NotIdentified('there is no token');
  // The name of the scheme may be written in small letters or capitals (RFC 9110, section 11.1).
  const token = values.length === 1 ? /^Bearer ([\w.~+/=-]+)$/i.exec(String(values[0]))?.[1] : undefined;
  if (token === undefined)
    throw new NotIdentified('the metadata authorization is not "Bearer" and one token');
  if (token.length > longestToken) throw new NotIdentified('the token is too long');
  return token;
};

/** Why a token is refused, by the code of jose's error and the claim that is wrong. */
const reasons: Record<string, string> = {
  ERR_JWT_EXPIRED: 'the token has run out',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature is not that of the key which the token names',
  ERR_JOSE_ALG_NOT_ALLOWED: 'the token is signed in a way that is not allowed',
  ERR_JOSE_NOT_SUPPORTED: 'the token asks for what is not supported',
  ERR_JWS_INVALID: 'this is no signed token',
  ERR_JWT_INVALID: 'this is no token with claims',
  nbf: 'the token is not good yet',
  iss: 'the token is from somebody else',
  aud: 'the token is for somebody else',
  typ: 'the token is of another kind',
};

/**
 * Says for the server's log why a call is not let in. jose's own errors may carry what is in the token, so they are
 * never logged themselves.
 *
 * @param error - what checking the token has thrown
 * @returns the reason, with nothing of the token in it; undefined when the error tells nothing about the token, but
 * that the code which checks it is at fault
 */
export const whyNotIdentified = (error: unknown): string | undefined => {
  if (error instanceof NotIdentified) return error.message;
  if (!(error instanceof errors.JOSEError)) return undefined;
  if (error instanceof errors.JWTClaimValidationFailed) {
    const missing = error.reason === 'missing';
    return (!missing && reasons[error.claim]) || 'a claim of the token is missing, or wrong';
  }
  return reasons[error.code] ?? 'the token cannot be read';
};

/** Finds out whose a token is, at once or after a while; throws, or rejects, when it is not good. */
export type Identify = (token: string) => Identity | Promise<Identity>;

/** How many tokens are remembered at most. */
const mostRemembered = 10_000;

/**
 * Remembers which tokens were good until they run out, in memory alone, so that the signature of a token is checked once
 * and not with each call. Checking one takes jose about 200 microseconds, longer than all the rest of a unary call. A
 * token that is refused is never remembered: forged tokens must not push good ones out.
 *
 * @param verify - checks a token, and throws when it is not good
 * @param now - the time, in milliseconds
 * @param most - how many to remember; beyond that, the oldest is forgotten and checked again when it comes
 * @returns the same as `verify`, quicker for a token that has come before
 */
export const remembering = (
  verify: (token: string) => Promise<Identity>,
  now: () => number = Date.now,
  most = mostRemembered,
): Identify => {
  const good = new Map<string, Identity>();
  const check = async (token: string): Promise<Identity> => {
    const identity = await verify(token);
    if (good.size >= most) good.delete(good.keys().next().value!);
    good.set(token, identity);
    return identity;
  };
  return (token) => {
    const known = good.get(token);
    if (known && now() < known.until) return known;
    good.delete(token);
    return check(token);
  };
};
