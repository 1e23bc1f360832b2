/** Tokens of which each has one thing wrong with it, and headers that bring none. */
import { generateKeyPairSync } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { headers, seconds } from './people.ts';
import type { tokenCheckpoint } from './token-checkpoint.ts';

type Checkpoint = Awaited<ReturnType<typeof tokenCheckpoint>>;
type Make = (own: Checkpoint) => string | Metadata | Promise<string | Metadata>;

const foreign = generateKeyPairSync('ed25519');
const jwk = foreign.publicKey.export({ format: 'jwk' });
const signature = 'Reading a token is not checking it: only jwtVerify looks at the signature.';
const keyFor = 'The key comes from keys.keyFor, by the name in the header, and never from the token.';
const exact =
  'jwtVerify looks at exp and nbf by the clock of currentDate: is that new Date(now)? And is there a clockTolerance, which makes every token live longer?';
const required = "requiredClaims: ['exp', 'nbf']: what is not there is not checked.";
const audience = 'Give jwtVerify the audience: a token of the same issuer may be for another service.';
const from = 'Give jwtVerify the issuer.';
const kind = 'Give jwtVerify the typ: the same key may sign other things one day.';
const claims = 'identityIn(payload) looks at the claims.';
const listed = 'algorithms: [alg] is the list of what you accept.';
const given = 'This was there already: only "Bearer" and one token are looked at.';

/** Who must not get in: what it brings, what to look for when it is let in, and how it is made. */
export const badTokens: [what: string, advice: string, make: Make][] = [
  ['a token that somebody else has signed', signature, ({ token }) => token({}, {}, foreign.privateKey)],
  ['a token whose claims were changed', signature, ({ changed }) => changed()],
  ['a token that brings its key', keyFor, ({ token }) => token({}, { jwk, kid: 'x' }, foreign.privateKey)],
  ['a token that names no key', keyFor, ({ token }) => token({}, { kid: undefined })],
  ['a token that has run out', exact, ({ token }) => token({ exp: seconds - 1 })],
  ['a token that runs out now', exact, ({ token }) => token({ exp: seconds })],
  ['a token that is not good yet', exact, ({ token }) => token({ nbf: seconds + 1 })],
  ['a token without an end', required, ({ token }) => token({ exp: undefined })],
  ['a token without a beginning', required, ({ token }) => token({ nbf: undefined })],
  ['a token for somebody else', audience, ({ token }) => token({ aud: 'another service' })],
  ['a token for the issuer', audience, ({ token, issuer }) => token({ aud: issuer })],
  ['a token for nobody in particular', audience, ({ token }) => token({ aud: undefined })],
  ['a token from somebody else', from, ({ token }) => token({ iss: 'another issuer' })],
  ['a token of another kind', kind, ({ token }) => token({}, { typ: 'JWT' })],
  ['a token without a user', claims, ({ token }) => token({ sub: undefined })],
  ['a token without a role', claims, ({ token }) => token({ role: undefined })],
  ['a token with a role that there is not', claims, ({ token }) => token({ role: 'root' })],
  ['a token with alg none', listed, ({ confused }) => confused()],
  ['a token signed with the public key as if it were a secret', listed, ({ confused }) => confused('pem')],
  ['a token signed with the bytes of the public key', listed, ({ confused }) => confused('der')],
  ['something that is no token', 'jwtVerify throws for it. Let it throw.', () => 'a.b.c'],
  ['no header', given, () => new Metadata()],
  ['a token in another header', given, async ({ token }) => headers('token', await token())],
  ['a token alone', given, async ({ token }) => headers('authorization', await token())],
  ['another scheme', given, async ({ token }) => headers('authorization', `Basic ${await token()}`)],
  ['two tokens', given, async ({ token }) => `${await token()}, Bearer ${await token()}`],
  ['an empty token', given, () => ''],
  ['a token that is too long', given, () => 'x'.repeat(5_000)],
];
