import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { metadataOf } from '#testkit/metadata-of.ts';
import { afterwards, identified, refusable } from './refusable-call.ts';
import { NotIdentified, type Identity } from './tokens.ts';

const { UNAUTHENTICATED, PERMISSION_DENIED } = status;
const ada: Identity = { caller: { id: 'ada', role: 'user' }, until: 1 };

/** A call that an interceptor can refuse, and all that its handler sends on it. */
const refusableCall = () => {
  const ended: unknown[] = [];
  const logged: string[] = [];
  const passed: unknown[] = [];
  const call = refusable({ sendStatus: (answer) => void ended.push(answer) }, '/a.A/Get', (line) =>
    logged.push(line),
  );
  const sendAll = (): void => {
    const next = (what: unknown): void => void passed.push(what);
    call.sending.sendMetadata!(new Metadata(), () => next('metadata'));
    call.sending.sendMessage!('a message', next);
    call.sending.sendStatus!({ code: status.OK, details: 'well' }, ({ details }) => next(details));
  };
  return { ...call, ended, logged, passed, sendAll };
};

describe('a call that can be refused', () => {
  it('lets through what its handler sends', () => {
    const { isOver, sendAll, passed } = refusableCall();
    sendAll();
    expect(passed).toEqual(['metadata', 'a message', 'well']);
    expect(isOver()).toBe(false);
  });

  it.each([
    [UNAUTHENTICATED, 'This call needs a token that is good. Sign in.'],
    [PERMISSION_DENIED, 'You may not do this.'],
  ] as const)('tells the log why, and the caller only the status %i', (code, details) => {
    const { refuse, isOver, ended, logged } = refusableCall();
    refuse(code, 'the secret reason');
    expect(ended).toEqual([{ code, details }]);
    expect(logged).toEqual(['refused /a.A/Get: the secret reason']);
    expect(isOver()).toBe(true);
  });

  it.each(['refuse', 'end'] as const)('lets nothing through after its %s', (over) => {
    const call = refusableCall();
    call[over](PERMISSION_DENIED, 'no');
    expect(call.isOver()).toBe(true);
    call.sendAll();
    expect(call.passed).toEqual([]);
  });
});

describe('whose a call is', () => {
  const bearing = metadataOf({ authorization: 'Bearer abc' });
  const refusals: unknown[][] = [];
  const refuse = (...refusal: unknown[]): void => void refusals.push(refusal);

  it('its token tells', async () => {
    const identify = (token: string): Identity => ({ ...ada, until: token.length });
    // At once for a token that is remembered, and after a while for another.
    expect(identified(bearing, identify, refuse)).toEqual({ ...ada, until: 3 });
    expect(await identified(bearing, () => Promise.resolve(ada), refuse)).toBe(ada);
    expect(refusals).toEqual([]);
  });

  it('nobody can tell without a good token, and it is refused', async () => {
    const identify = (): never => {
      throw new NotIdentified('a bad token');
    };
    const later = (): Promise<never> => Promise.reject(new NotIdentified('a bad token, after a while'));
    expect(await identified(bearing, identify, refuse)).toBeUndefined();
    expect(await identified(new Metadata(), identify, refuse)).toBeUndefined();
    expect(await identified(bearing, later, refuse)).toBeUndefined();
    expect(refusals.splice(0)).toEqual([
      [UNAUTHENTICATED, 'a bad token'],
      [UNAUTHENTICATED, 'there is no token'],
      [UNAUTHENTICATED, 'a bad token, after a while'],
    ]);
  });

  it('is not refused for a fault of the code that looks', async () => {
    const identify = (): Promise<never> => Promise.reject(new TypeError('broken'));
    await expect(identified(bearing, identify, refuse)).rejects.toThrow('broken');
    const atOnce = (): never => {
      throw new TypeError('broken');
    };
    expect(() => identified(bearing, atOnce, refuse)).toThrow('broken');
    expect(refusals).toEqual([]);
  });
});

describe('what is run later', () => {
  it('runs in its time, unless somebody has changed their mind', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const ran: string[] = [];
    afterwards(() => ran.push('one'), 1_000);
    const stop = afterwards(() => ran.push('other'), 1_000);
    vi.advanceTimersByTime(999);
    expect(ran).toEqual([]);
    stop();
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['one']);
  });
});
