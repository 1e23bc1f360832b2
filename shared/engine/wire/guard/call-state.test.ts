import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { CallState } from './call-state.ts';

const cancel = constants.NGHTTP2_CANCEL;

/** A call whose client has finished sending. */
const received = (): CallState => new CallState(false);

describe('a call', () => {
  it('is over once it has a status, or once its client has gone', () => {
    const [answered, refused, abandoned] = [received(), received(), received()];
    expect(received().over).toBe(false);
    answered.end(false);
    refused.end(true);
    abandoned.abandon();
    for (const state of [answered, refused, abandoned]) expect(state.over).toBe(true);
    expect([answered.abandoned, refused.abandoned, abandoned.abandoned]).toEqual([false, false, true]);
  });

  it('was cancelled late when its stream is reset with CANCEL behind OK', () => {
    const state = received();
    expect(state.cancelledLate(cancel)).toBe(false);
    state.end(false);
    expect(state.cancelledLate(cancel)).toBe(true);
    expect(state.cancelledLate(constants.NGHTTP2_NO_ERROR)).toBe(false);
    expect(state.cancelledLate(undefined)).toBe(false);
  });

  it('was not cancelled late when it was refused, or when its client had gone before', () => {
    const refused = received();
    refused.end(true);
    const abandoned = received();
    abandoned.abandon();
    for (const state of [refused, abandoned]) expect(state.cancelledLate(cancel)).toBe(false);
  });

  it('was not cancelled late by a client that had not finished sending: it has no more to say', () => {
    const state = new CallState(true);
    state.end(false);
    expect(state.cancelledLate(cancel)).toBe(false);
  });

  it('can be cancelled late once its client has finished sending', () => {
    const state = new CallState(true);
    state.halfClose();
    state.end(false);
    expect(state.cancelledLate(cancel)).toBe(true);
  });
});
