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
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { closePeers, serving, trackedStub } from '#kit/peers.ts';
import { signal } from '#kit/signals.ts';
import { endCall, reply, secondTime, type SecondTime } from './client-calls.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

afterEach(async () => {
  vi.useRealTimers();
  await closePeers();
});

const refused = { code: status.UNAUTHENTICATED, details: 'Sign in.' };

/** A server that answers, refuses or keeps silent as `decide` says, and a stub that makes calls a second time. */
const service = async (
  decide: (count: number) => Partial<StatusObject> | 'silence' | undefined,
  how: Partial<SecondTime> = {},
) => {
  const seen: { name: string; keys: string[] }[] = [];
  const hello: HelloHandlers['hello'] = ({ request: { name }, metadata }, callback) => {
    seen.push({ name, keys: Object.keys(metadata.getMap()).filter((key) => key.startsWith('x-')) });
    const answer = decide(seen.length);
    if (answer === undefined) callback(null, { message: `Hello ${name}` });
    else if (answer !== 'silence') callback(answer);
  };
  const parrotHello: HelloHandlers['parrotHello'] = (call) => {
    seen.push({ name: call.request.name, keys: [] });
    call.emit('error', refused);
  };
  const address = await serving(Hello.service, { hello, parrotHello });
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
    const other = { code: status.RESOURCE_EXHAUSTED, details: 'too soon', metadata: new Metadata() };
    endCall(listener, Object.assign(new Error('too soon'), other));
    expect(await answered).toEqual(other);
  });

  it.each([
    [new TypeError('no token there'), 'no token there'],
    ['nothing to say', 'nothing to say'],
  ])('throws any other error, and ends the call after that: %s', async (error, details) => {
    const { listener, answered } = listening();
    let thrown: unknown;
    try {
      endCall(listener, error);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
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
    const error = Object.assign(new Error('no'), refused) as unknown as ServiceError;
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
    const metadata = new Metadata();
    metadata.set('x-request', '7');
    expect(await make({}, metadata).answered).toEqual({ message: 'Hello Ada', times: 1 });
    expect(seen).toEqual([
      { name: 'Ada', keys: ['x-request'] },
      { name: 'Ada', keys: ['x-request'] },
    ]);
  });

  it('makes it a second time, and not a third', async () => {
    const { seen, make } = await service(() => refused);
    expect((await make().answered).error).toMatchObject(refused);
    expect(seen).toHaveLength(2);
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

  it('begins the time of the second call when what it needs is there', async () => {
    const { make } = await service((count) => (count === 1 ? refused : undefined), {
      // grpc-js sets a timer for a deadline. An hour passes, and every timer that was set before it is due.
      prepare: async () => void (await vi.advanceTimersByTimeAsync(3_600_000)),
    });
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    expect(await make({ deadline: Date.now() + 5_000 }).answered).toEqual({ message: 'Hello Ada', times: 1 });
  });

  it('gives the second call a deadline as well', async () => {
    const { make } = await service((count) => (count === 1 ? refused : 'silence'));
    const { error } = await make({ deadline: Date.now() + 300 }).answered;
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
  });

  it('ends at once when it is cancelled while it waits, and makes no second call', async () => {
    const waiting = signal();
    const ready = signal();
    const { seen, make } = await service(() => refused, {
      prepare: () => {
        waiting.send();
        return ready.sent;
      },
    });
    const { call, answered } = make();
    await waiting.sent;
    call.cancel();
    expect((await answered).error?.code).toBe(status.CANCELLED);
    ready.send();
    await make().answered;
    // The one that was cancelled, and the two of the other.
    expect(seen).toHaveLength(3);
    expect((await answered).times).toBe(1);
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

  it('ends with the status of what could not be got', async () => {
    const { seen, make } = await service(() => refused, {
      prepare: () =>
        Promise.reject(
          Object.assign(new Error('too soon'), {
            code: status.RESOURCE_EXHAUSTED,
            details: 'too soon',
            metadata: new Metadata(),
          }),
        ),
    });
    expect((await make().answered).error).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: 'too soon',
    });
    expect(seen).toHaveLength(1);
  });

  it('ends with the status that the decision has thrown', async () => {
    const { seen, make } = await service(() => refused, {
      again: () => {
        const of = { code: status.ABORTED, details: 'undecided', metadata: new Metadata() };
        throw Object.assign(new Error(of.details), of);
      },
    });
    expect((await make().answered).error).toMatchObject({ code: status.ABORTED, details: 'undecided' });
    expect(seen).toHaveLength(1);
  });

  it('says nothing more of a call that was cancelled when what it needs cannot be got', async () => {
    const waiting = signal();
    const given = signal();
    const { make } = await service(() => refused, {
      prepare: async () => {
        waiting.send();
        await given.sent;
        throw new Error('given up');
      },
    });
    const { call, answered } = make();
    await waiting.sent;
    call.cancel();
    call.cancel();
    const { error } = await answered;
    expect(error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    given.send();
    // What would be said now, nobody would catch: Vitest fails for it.
    await nextTurn();
  });

  it('leaves streams as they are', async () => {
    const { seen, stub } = await service(() => undefined);
    const ended = signal<ServiceError>();
    stub.parrotHello({ name: 'Ada' }).on('error', ended.send).resume();
    expect(await ended.sent).toMatchObject(refused);
    expect(seen).toHaveLength(1);
  });
});
