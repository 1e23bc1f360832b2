/** A service that signs people in with a lesson's tokens, with a clock and keys that belong to the check. */
import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { compactVerify, type JWTPayload } from 'jose';
import type { ProtoGrpcType } from '#protos/generated/account.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { Caller } from '#shared/access/caller.ts';
import { account, type Desk } from '#shared/access/serve-accounts.ts';
import { SigningKeys } from '#shared/access/signing-keys.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { CheckFailure, must } from '../check-failure.ts';
import { integer } from '../random-inputs.ts';
import { calling } from '../peers.ts';
import { printing } from '../captured-output.ts';
import { expectStatus, staysSecret, unary } from './outcome.ts';
import { ada, now, root } from './people.ts';

export const { AccountService } = loadProto<ProtoGrpcType>('account.proto').account;

/** What stands in a token for a time; a time of the real clock is never the same. */
const timeIn = (value: unknown): unknown =>
  Math.abs(Number(value) - Date.now() / 1_000) < 86_400 ? 'a time of the real clock' : value;

/** The name of a key, which is another one each time. */
const kidIn = (kid: unknown, keys: SigningKeys): unknown =>
  kid === keys.newest.kid ? 'that of the newest key' : keys.find(kid) ? 'that of an older key' : kid;

/** What stands in a token whose signature is right. Whether that is good, is looked at afterwards. */
const contentsOf = async (token: string, keys: SigningKeys) => {
  try {
    const algorithms = ['EdDSA'];
    const { payload, protectedHeader } = await compactVerify(token, keys.newest.publicKey, { algorithms });
    const claims = JSON.parse(new TextDecoder().decode(payload)) as JWTPayload;
    const [iat, nbf, exp] = [claims.iat, claims.nbf, claims.exp].map(timeIn);
    const header = { ...protectedHeader, kid: kidIn(protectedHeader.kid, keys) };
    return { ...claims, iat, nbf, exp, header };
  } catch (error) {
    throw new CheckFailure({
      expected: 'a token that is signed with the newest key',
      came: `one that is refused: ${(error as Error).message}`,
      advice:
        'alg goes into the protected header, and .sign(…) takes the privateKey of keys.newest. Do so in each call of sign: what is kept outside of it belongs to all callers.',
    });
  }
};

/**
 * Brings up a desk where people sign in with a phone, and a code that somebody else has found to be right.
 *
 * @param lesson - has the lesson's `sign`
 */
export const signInDesk = async ({ sign }: Pick<Desk, 'sign'>) => {
  const keys = new SigningKeys(':memory:');
  const life = integer(300, 7_200);
  const printed = printing();
  const userOf = (phone: string) => ({ id: phone === root.phone ? root.id : ada.id }) as User__Output;
  const admins = new Set<string>([root.phone]);
  const verifyOtp: Desk['verifyOtp'] = (_call, callback) => callback(null, { success: true });
  const desk = account({ sign, verifyOtp, userOf, keys, admins, life, now: () => now + 999 });
  const stub = await calling(AccountService, desk);
  /** Signs in with a number in the words of a person, and reads the token, with its times and its key in words. */
  const newToken = async (phone: string) => {
    const phone_number = phone.replace('+1415', '+1 (415) ');
    const outcome = await unary(stub, 'SignIn', { phone_number, otp: '123456' });
    const resolves = 'Return the promise of sign(…): it resolves with the token.';
    expectStatus(outcome, status.OK, resolves, 'a reply with an access_token');
    const { access_token: token } = outcome.reply as SignInResponse__Output;
    must(token.split('.').length === 3, {
      expected: 'a token: three parts with dots between',
      came: token === '' ? 'an empty text' : inspect(token),
      advice: 'Return what .sign(privateKey) gives, the promise of a token: the caller of sign awaits it.',
    });
    staysSecret(token, printed);
    return contentsOf(token, keys);
  };
  /** The phone in a token that is signed without a sign-in. */
  const phoneFor = async (caller: Caller): Promise<unknown> =>
    ((await contentsOf(await sign(keys, caller, life, now), keys)) as JWTPayload).phone_number;
  return { keys, life, newToken, phoneFor };
};
