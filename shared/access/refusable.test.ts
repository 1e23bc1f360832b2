import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { identified } from './refusable.ts';
import { NotIdentified, type Identify, type Identity } from './tokens.ts';

const ada: Identity = { caller: { id: 'ada', phone: '+14155550123', role: 'user' }, until: 10_000 };

/** @returns what came of a call with a token, and what it was refused with */
const asking = (identify: Identify, token = 'Bearer good') => {
  const metadata = new Metadata();
  metadata.set('authorization', token);
  const refusals: [status, string][] = [];
  const came = identified(metadata, identify, (code, why) => refusals.push([code, why]));
  return { came, refusals };
};

const fail = (error: Error): never => {
  throw error;
};

describe('whose a call is', () => {
  it('is known at once for a token that is remembered, and after a while for another', async () => {
    expect(asking(() => ada).came).toBe(ada);
    expect(await asking(async () => ada).came).toBe(ada);
  });

  it.each<[string, Identify]>([
    ['at once', () => fail(new NotIdentified('no'))],
    ['after a while', async () => fail(new NotIdentified('no'))],
  ])('is nobody when the token is refused %s', async (_when, identify) => {
    const { came, refusals } = asking(identify);
    expect(await came).toBeUndefined();
    expect(refusals).toEqual([[status.UNAUTHENTICATED, 'no']]);
  });

  it('is nobody when there is no token to look at', () => {
    const { came, refusals } = asking(() => ada, 'Basic good');
    expect(came).toBeUndefined();
    expect(refusals).toMatchObject([[status.UNAUTHENTICATED, expect.any(String)]]);
  });

  it('is an error when the code that checks the token is at fault', async () => {
    expect(() => asking(() => fail(new TypeError('ours')))).toThrow('ours');
    await expect(asking(async () => fail(new TypeError('ours'))).came).rejects.toThrow('ours');
  });
});
