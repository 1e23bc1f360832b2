/** Services behind a lesson's guard that asks the lesson's `verify`, and tokens of the check's own for them. */
import { createHmac, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { status, type Metadata } from '@grpc/grpc-js';
import { decodeJwt, SignJWT, type JWTHeaderParameters } from 'jose';
import type { Caller } from '#shared/access/caller.ts';
import { SigningKeys } from '#shared/access/signing-keys.ts';
import { NotIdentified, type Identity } from '#shared/access/tokens.ts';
import { must, same } from '../check-failure.ts';
import { faultOf } from '../expected-faults.ts';
import { printing } from '../captured-output.ts';
import { guardedServices, type GuardLesson } from './guarded-services.ts';
import { said, staysSecret, unwrittenIn, type Outcome } from './outcome.ts';
import { ada, bearing, now, seconds } from './people.ts';

/** What a lesson's server has to offer. */
interface Lesson extends GuardLesson, Record<'issuer' | 'audience' | 'typ' | 'alg', string> {
  verify(keys: SigningKeys, token: string, now: number): Promise<Identity>;
}

/** Whether this is thrown on purpose, and is neither an error of jose's nor one that a slip has brought about. */
const isOwnError = (error: unknown): boolean =>
  !(error instanceof Error) || (error.constructor === Error && faultOf(error).kind !== 'unwritten');

/** Whether a call has come past the token, to what the steps after this one decide. */
const isLetIn = (outcome: Outcome): boolean => outcome.code === status.OK || unwrittenIn(outcome) > 2;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Brings up services whose guard lets in, or refuses, what the lesson's `verify` says. */
export const tokenCheckpoint = async (lesson: Lesson) => {
  const { verify, issuer, audience, typ, alg } = lesson;
  const keys = new SigningKeys(':memory:');
  /** What the last call of verify has come to. */
  let seen: { identity?: Identity; confused?: string; instead?: string } = {};
  const identify = async (token: string): Promise<Identity> => {
    try {
      const identity = await verify(keys, token, now);
      if (identity?.caller) return (seen.identity = identity);
      seen.instead = inspect(identity, { depth: 0 });
    } catch (error) {
      if (isOwnError(error)) {
        seen.instead = error instanceof Error ? String(error) : `${inspect(error, { depth: 0 })}, thrown`;
        // What jose throws when a token was allowed to choose how its signature is checked.
      } else if (error instanceof TypeError && /^KeyObject|algorithm/.test(error.message)) {
        seen.confused = error.message;
      } else throw error;
    }
    throw new NotIdentified('verify has not told who it is');
  };
  const { call, log, reached, expectLogged } = await guardedServices(lesson, {}, identify);
  const printed = printing();
  const { id, phone: phone_number, role }: Caller = ada;
  const times = { iat: seconds, nbf: seconds, exp: seconds + 77 };
  const claims = { iss: issuer, aud: audience, sub: id, phone_number, role, ...times };
  /** Calls a unary and a streaming method. */
  const outcomes = async function* (metadata: Metadata, about = id) {
    for (const method of ['GetUser', 'ReceiveMessage']) {
      seen = {};
      log.length = reached.length = 0;
      const outcome = await call(method, metadata, { id: about });
      must(seen.instead === undefined, {
        expected: 'verify to return an identity, or to let pass what jwtVerify and identityIn throw',
        came: seen.instead ?? '',
        advice:
          'Return identityIn(payload), and catch nothing: the interceptor writes the reason into the log, and answers.',
      });
      yield { ...outcome, method };
    }
  };
  /** Makes a token that is good, but for what is asked to be otherwise. */
  const token = (other: object = {}, header: object = {}, key = keys.newest.privateKey): Promise<string> =>
    new SignJWT({ ...claims, ...other })
      .setProtectedHeader({ alg, typ, kid: keys.newest.kid, ...header } as JWTHeaderParameters)
      .sign(key);
  return {
    keys,
    issuer,
    token,
    /** Makes a token whose claims are others than those that were signed. */
    changed: async (): Promise<string> =>
      (await token()).replace(/\..*\./, () => `.${part({ ...claims, role: 'admin' })}.`),
    /** Makes a token that is not signed; or is, with the public key in this format as the secret of an HMAC. */
    confused: (format?: 'pem' | 'der'): string => {
      const text = `${part({ alg: format ? 'HS256' : 'none', typ, kid: keys.newest.kid })}.${part(claims)}`;
      if (!format) return `${text}.`;
      const secret = (keys.newest.publicKey as KeyObject).export({ format: format as 'pem', type: 'spki' });
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    },
    /** Demands that a token is let in as what it tells, and printed nowhere. */
    expectLetIn: async (what: string, text: string, advice: string): Promise<void> => {
      const { sub = '', exp } = decodeJwt(text);
      for await (const outcome of outcomes(bearing(text), sub)) {
        must(isLetIn(outcome) || seen.identity, {
          expected: `${what} to be let in`,
          came: [said(outcome), ...log.slice(-1)].join(' · the log says: '),
          advice,
        });
        const told = { caller: { ...ada, id: sub }, until: exp! * 1_000 };
        same(seen.identity, told, 'Return identityIn(payload).');
      }
      staysSecret(text, printed);
    },
    /** Demands that these headers are refused, and that nobody but the log is told why. */
    expectRefused: async (what: string, metadata: Metadata, advice: string): Promise<void> => {
      for await (const { method, ...outcome } of outcomes(metadata)) {
        must(seen.confused === undefined, {
          expected: `${what} to be refused because of its alg`,
          came: `a token that may choose: jose has stopped at the kind of the key (${seen.confused})`,
          advice: `${advice} What the token says about itself is a wish.`,
        });
        must(outcome.code === status.UNAUTHENTICATED, {
          expected: `UNAUTHENTICATED for ${what}`,
          came: isLetIn(outcome) ? 'let in' : said(outcome),
          advice,
        });
        same(outcome.details, 'This call needs a token that is good. Sign in.', 'Why, is for the log.');
        same(reached, [], 'No handler is reached.');
        const [value = ''] = metadata.get('authorization');
        staysSecret(String(value).replace('Bearer ', ''), [...log, ...printed]);
        expectLogged(method, 'This was there already: let jwtVerify throw its own errors.');
      }
    },
  };
};
