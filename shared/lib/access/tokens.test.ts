import { Metadata } from '@grpc/grpc-js';
import { errors } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearerToken, identityIn, NotIdentified, remembering, whyNotIdentified } from './tokens.ts';

const claims = { sub: 'ada', phone_number: '+14155550123', role: 'user', exp: 10 };
const ada = { caller: { id: 'ada', phone: '+14155550123', role: 'user' as const }, until: 10_000 };

describe('bearerToken', () => {
  const of = (...values: string[]): (() => string) => {
    const metadata = new Metadata();
    for (const value of values) metadata.add('authorization', value);
    return () => bearerToken(metadata);
  };

  it('takes the token out, of up to 4,096 characters', () => {
    expect(of('Bearer a.b-c_d.e')()).toBe('a.b-c_d.e');
    expect(of('bearer a.b.c')()).toBe('a.b.c');
    expect(of(`Bearer ${'a'.repeat(4_096)}`)()).toHaveLength(4_096);
  });

  const notOne = 'the metadata authorization is not "Bearer" and one token';
  it.each([
    [[], 'there is no token'],
    [['Bearer'], notOne],
    [['Bearer '], notOne],
    [['Bearer a b'], notOne],
    [['a.b.c'], notOne],
    [['Basic a'], notOne],
    [['no Bearer a'], notOne],
    [['Bearer a', 'Bearer a'], notOne],
    [[`Bearer ${'a'.repeat(4_097)}`], 'the token is too long'],
  ])('refuses %o', (values, why) => {
    expect(of(...values)).toThrow(new NotIdentified(why));
  });
});

describe('identityIn', () => {
  it('reads whose token it is', () => {
    expect(identityIn(claims)).toEqual(ada);
    expect(identityIn({ ...claims, role: 'admin' }).caller.role).toBe('admin');
  });

  it.each([
    { sub: '' },
    { sub: undefined },
    { phone_number: 7 },
    { role: 'root' },
    { role: undefined },
    { exp: undefined },
  ])('refuses claims with %o', (other) => {
    expect(() => identityIn({ ...claims, ...other } as never)).toThrow(
      new NotIdentified('a claim of the token is missing, or wrong'),
    );
  });
});

describe('whyNotIdentified', () => {
  const claim = (name: string, reason: string): Error =>
    new errors.JWTClaimValidationFailed('secret', {}, name, reason);

  it.each([
    [new NotIdentified('no'), 'no'],
    [new errors.JWTExpired('secret', {}, 'exp', 'check_failed'), 'the token has run out'],
    [
      new errors.JWSSignatureVerificationFailed('secret'),
      'the signature is not that of the key which the token names',
    ],
    [new errors.JOSEAlgNotAllowed('secret'), 'the token is signed in a way that is not allowed'],
    [new errors.JOSENotSupported('secret'), 'the token asks for what is not supported'],
    [new errors.JWSInvalid('secret'), 'this is no signed token'],
    [new errors.JWTInvalid('secret'), 'this is no token with claims'],
    [claim('nbf', 'check_failed'), 'the token is not good yet'],
    [claim('iss', 'check_failed'), 'the token is from somebody else'],
    [claim('aud', 'check_failed'), 'the token is for somebody else'],
    [claim('typ', 'check_failed'), 'the token is of another kind'],
    [claim('aud', 'missing'), 'a claim of the token is missing, or wrong'],
    [claim('sub', 'check_failed'), 'a claim of the token is missing, or wrong'],
    [new errors.JWKSTimeout('secret'), 'the token cannot be read'],
    [new TypeError('secret'), undefined],
  ])('says of %o: %s', (error, why) => {
    expect(whyNotIdentified(error)).toBe(why);
  });
});

describe('remembering', () => {
  const counting = (most?: number) => {
    const state = { now: 0, checks: 0 };
    const identify = remembering(
      async (token) => {
        state.checks += 1;
        if (token === 'bad' || state.now >= ada.until) throw new NotIdentified('no');
        return ada;
      },
      () => state.now,
      most,
    );
    return { state, identify };
  };

  it('checks a good token once, until it runs out', async () => {
    const { state, identify } = counting();
    expect(await identify('a')).toEqual(ada);
    expect(identify('a')).toEqual(ada);
    expect(state.checks).toBe(1);
    state.now = ada.until;
    await expect(identify('a')).rejects.toThrow(NotIdentified);
  });

  it('remembers no refusal, and as many as it may', async () => {
    const { state, identify } = counting(2);
    await identify('a');
    for (let count = 0; count < 5; count += 1) await expect(identify('bad')).rejects.toThrow(NotIdentified);
    await identify('b');
    identify('a');
    identify('b');
    expect(state.checks).toBe(7);
    await identify('c');
    identify('c');
    expect(state.checks).toBe(8);
    await identify('a');
    expect(state.checks).toBe(9);
  });
});
