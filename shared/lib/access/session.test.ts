import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { metadataOf } from '#testkit/metadata-of.ts';
import { Session } from './session.ts';

const life = 600_000;

/** A session whose sign-ins give t1, t2, and so on. */
const sessionOf = (signIn: (count: number) => Promise<void> = () => Promise.resolve()) => {
  const state = { now: 0, signIns: 0 };
  const session = new Session(
    async () => {
      state.signIns += 1;
      const token = `t${state.signIns}`;
      await signIn(state.signIns);
      return { token, life };
    },
    () => state.now,
  );
  return { session, state };
};

const sent = (token: string): Metadata => metadataOf({ authorization: `Bearer ${token}` });

describe('Session', () => {
  it('signs in when it is asked for a token, and keeps the token', async () => {
    const { session, state } = sessionOf();
    expect(state.signIns).toBe(0);
    expect(await session.token()).toBe('t1');
    expect(await session.token()).toBe('t1');
    expect(state.signIns).toBe(1);
  });

  it('gets another one a moment before its end', async () => {
    const { session, state } = sessionOf();
    await session.token();
    state.now = life - 2_001;
    expect(await session.token()).toBe('t1');
    state.now = life - 2_000;
    expect(await session.token()).toBe('t2');
  });

  it('counts the life of a token from when it has come', async () => {
    const { session, state } = sessionOf(async () => {
      // The person took a while.
      state.now += 60_000;
    });
    await session.token();
    state.now = 60_000 + life - 2_001;
    expect(await session.token()).toBe('t1');
  });

  it('tells all of them when it fails, and tries again for the next', async () => {
    const { session, state } = sessionOf((count) =>
      count === 1 ? Promise.reject(new Error('no code')) : Promise.resolve(),
    );
    const both = await Promise.allSettled([session.token(), session.token()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(state.signIns).toBe(1);
    expect(await session.token()).toBe('t2');
  });

  it('forgets the token that was sent, and no newer one', async () => {
    const { session, state } = sessionOf();
    await session.token();
    session.forget(sent('t1'));
    expect(await session.token()).toBe('t2');
    session.forget(sent('t1'));
    session.forget(new Metadata());
    expect(await session.token()).toBe('t2');
    expect(state.signIns).toBe(2);
  });
});
