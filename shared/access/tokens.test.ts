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

  it('takes the token out', () => {
    expect(of('Bearer a.b-c_d.e')()).toBe('a.b-c_d.e');
    expect(of('bearer a.b.c')()).toBe('a.b.c');
  });

  it.each([
    [[]],
    [['Bearer']],
    [['Bearer ']],
    [['Bearer a b']],
    [['a.b.c']],
    [['Basic a']],
    [['Bearer a', 'Bearer a']],
    [[`Bearer ${'a'.repeat(4_097)}`]],
  ])('refuses %o', (values) => {
    expect(of(...values)).toThrow(NotIdentified);
  });
});

describe('identityIn', () => {
  it('reads whose token it is', () => {
    expect(identityIn(claims)).toEqual(ada);
  });

  it.each([
    { sub: '' },
    { sub: undefined },
    { phone_number: 7 },
    { role: 'root' },
    { role: undefined },
    { exp: undefined },
  ])('refuses claims with %o', (other) => {
    expect(() => identityIn({ ...claims, ...other } as never)).toThrow(NotIdentified);
  });
});

describe('whyNotIdentified', () => {
  it('knows what is wrong with a token, and tells a fault of the code apart', () => {
    expect(whyNotIdentified(new NotIdentified('no'))).toBe('no');
    expect(whyNotIdentified(new errors.JWTExpired('secret', {}, 'exp', 'check_failed'))).toBe(
      'the token has run out',
    );
    const nbf = new errors.JWTClaimValidationFailed('secret', {}, 'nbf', 'check_failed');
    expect(whyNotIdentified(nbf)).toBe('the token is not good yet');
    expect(whyNotIdentified(new errors.JWKSTimeout('secret'))).toBe('the token cannot be read');
    expect(whyNotIdentified(new TypeError('secret'))).toBeUndefined();
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

  it('remembers no refusal, and no more than it may', async () => {
    const { state, identify } = counting(2);
    await identify('a');
    for (let count = 0; count < 5; count += 1) await expect(identify('bad')).rejects.toThrow(NotIdentified);
    identify('a');
    expect(state.checks).toBe(6);
    await identify('b');
    await identify('c');
    identify('c');
    expect(state.checks).toBe(8);
    await identify('a');
    expect(state.checks).toBe(9);
  });
});
