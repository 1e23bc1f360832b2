import {
  credentials,
  Metadata,
  status,
  type CallOptions,
  type ClientUnaryCall,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closePeers, trackedStub } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { Hello, servingHello } from '#testkit/hello-service.ts';
import { metadataOf } from '#testkit/metadata-of.ts';
import { reply } from '../grpc/unary-call.ts';
import { endCall, secondTime, type SecondTime } from './client-calls.ts';

afterEach(async () => {
  vi.useRealTimers();
  await closePeers();
});

const refused = { code: status.UNAUTHENTICATED, details: 'Sign in.' };
/** An error that is the status of another call. */
const failedCall = (code: status, details: string): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });

/** A server that answers, refuses or keeps silent as `decide` says, and a stub that makes calls a second time. */
const service = async (
  decide: (count: number) => Partial<StatusObject> | 'silence' | undefined,
  how: Partial<SecondTime> = {},
) => {
  const seen: { name: string; keys: string[] }[] = [];
  const address = await servingHello({
    hello: ({ request: { name }, metadata }, callback) => {
      seen.push({ name, keys: Object.keys(metadata.getMap()).filter((key) => key.startsWith('x-')) });
      const answer = decide(seen.length);
      if (answer === undefined) callback(null, { message: `Hello ${name}` });
      else if (answer !== 'silence') callback(answer);
    },
    parrotHello: (call) => {
      seen.push({ name: call.request.name, keys: [] });
      call.emit('error', refused);
    },
  });
  const stub = trackedStub(
    new Hello(address, credentials.createInsecure(), {
      interceptors: [secondTime({ again: () => true, prepare: () => Promise.resolve(), ...how })],
      'grpc.use_local_subchannel_pool': 1,
    }),
  );
  const make = (options: CallOptions = {}, metadata = new Metadata()) => {
    const answered = signal<{ message?: string; error?: ServiceError; times: number }>();
    let times = 0;
    const call: ClientUnaryCall = stub.hello({ name: 'Ada' }, metadata, options, (error, value) => {
      times += 1;
      answered.send({ ...(error ? { error } : { message: value!.message }), times });
    });
    return { call, answered: answered.sent };
  };
  return { seen, stub, make };
};

describe('endCall', () => {
  const listening = () => {
    const answered = signal<StatusObject>();
    const listener = {
      onReceiveStatus: answered.send,
      onReceiveMetadata: () => {},
      onReceiveMessage: () => {},
    };
    return { listener, answered: answered.sent };
  };

  it('passes on the status of another call', async () => {
    const { listener, answered } = listening();
    const error = failedCall(status.RESOURCE_EXHAUSTED, 'too soon');
    endCall(listener, error);
    expect(await answered).toEqual({ ...error });
  });

  it.each([
    [new TypeError('no token there'), 'no token there'],
    ['nothing to say', 'nothing to say'],
  ])('throws any other error, and ends the call after that: %s', async (error, details) => {
    const { listener, answered } = listening();
    await expect(async () => endCall(listener, error)).rejects.toBe(error);
    expect(await answered).toMatchObject({ code: status.INTERNAL, details });
  });
});

describe('reply', () => {
  it('brings the reply of a call that is given five seconds, or its status', async () => {
    const before = Date.now();
    let deadline = 0;
    const brought = reply<string>((options, done) => {
      deadline = Number(options.deadline);
      done(null, 'Hello');
    });
    expect(await brought).toBe('Hello');
    expect(deadline - before).toBeGreaterThanOrEqual(5_000);
    expect(deadline - Date.now()).toBeLessThanOrEqual(5_000);
    const error = failedCall(status.ABORTED, 'no');
    await expect(reply((_options, done) => done(error))).rejects.toBe(error);
  });
});

describe('secondTime', () => {
  it('makes the same call again, with the metadata as it was before the first', async () => {
    const { seen, make } = await service((count) => (count === 1 ? refused : undefined), {
      again: (_refused, sent) => {
        sent.set('x-late', 'only the first call has had it');
        return true;
      },
    });
    expect(await make({}, metadataOf({ 'x-request': '7' })).answered).toEqual({
      message: 'Hello Ada',
      times: 1,
    });
    const same = { name: 'Ada', keys: ['x-request'] };
    expect(seen).toEqual([same, same]);
  });

  it('asks whether to, but not about a call that ended well', async () => {
    const asked: status[] = [];
    const again = ({ code }: StatusObject): boolean => {
      asked.push(code);
      return false;
    };
    const { seen, make } = await service((count) => (count === 1 ? refused : undefined), { again });
    expect((await make().answered).error).toMatchObject(refused);
    expect((await make().answered).message).toBe('Hello Ada');
    expect(asked).toEqual([status.UNAUTHENTICATED]);
    expect(seen).toHaveLength(2);
  });

  it('gives the second call a deadline as well', async () => {
    const { make } = await service((count) => (count === 1 ? refused : 'silence'));
    const { error } = await make({ deadline: Date.now() + 300 }).answered;
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
  });

  /** A call that is cancelled, twice, while it waits for what the second one needs. */
  const cancelledWaiting = async () => {
    const waiting = signal();
    const prepared = signal<Promise<void>>();
    const made = await service(() => refused, {
      prepare: () => {
        waiting.send();
        return prepared.sent;
      },
    });
    const { call, answered } = made.make();
    await waiting.sent;
    call.cancel();
    call.cancel();
    const { error } = await answered;
    expect(error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    return { ...made, answered, prepared };
  };

  it('ends at once when it is cancelled while it waits, and makes no second call', async () => {
    const { seen, make, answered, prepared } = await cancelledWaiting();
    prepared.send(Promise.resolve());
    await make().answered;
    // The one that was cancelled, and the two of the other.
    expect(seen).toHaveLength(3);
    expect((await answered).times).toBe(1);
  });

  it('says nothing more of a call that was cancelled when what it needs cannot be got', async () => {
    const { prepared } = await cancelledWaiting();
    prepared.send(Promise.reject(new Error('given up')));
    // What would be said now, nobody would catch: Vitest fails for it.
    await nextTurn();
  });

  it.each([1, 2])('can be cancelled while call %i is under way', async (silent) => {
    const arrived = signal();
    const { seen, make } = await service((count) => {
      if (count !== silent) return refused;
      arrived.send();
      return 'silence';
    });
    const { call, answered } = make();
    await arrived.sent;
    call.cancel();
    expect((await answered).error?.code).toBe(status.CANCELLED);
    expect(seen).toHaveLength(silent);
  });

  const failure = failedCall(status.ABORTED, 'too soon');
  it.each<[string, Partial<SecondTime>]>([
    ['what could not be got', { prepare: () => Promise.reject(failure) }],
    [
      'a decision that has failed',
      {
        again: () => {
          throw failure;
        },
      },
    ],
  ])('ends with the status of %s', async (_what, how) => {
    const { seen, make } = await service(() => refused, how);
    expect((await make().answered).error).toMatchObject({ code: status.ABORTED, details: 'too soon' });
    expect(seen).toHaveLength(1);
  });
});
