import { allTold } from './guarded-call.ts';
import { connect } from 'node:http2';
import { runInThisContext } from 'node:vm';
import {
  credentials,
  Metadata,
  ServerInterceptingCall,
  status,
  type ServerInterceptor,
  type StatusObject,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { hear, soon } from '../../check/kit/calls.ts';
import { calling, closePeers, serving, stubAt, tracked } from '../../check/kit/peers.ts';
import { signal } from '../../check/kit/signals.ts';
import { stalledAt } from '../../check/kit/stalled.ts';
import { inWorkbook } from '../../lesson/paths.ts';
import { faultOf, faults, statusText, type Fault } from '../faults.ts';
import { callsHaveEnded, failOpenCalls } from './open-calls.ts';
import { wire, type WireEvent } from '../wire-events.ts';

await import('./server-guard.ts');

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const ada = { greeting: 'Hello', name: 'Ada' };
const file = inWorkbook('lessons', '01-unary-hello', 'server.ts');

/** An error as a line of a lesson throws it. */
const inLesson = (message: string): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}\n    at hello (${file}:7:3)` });
const at = 'lessons/01-unary-hello/server.ts:7';
const notWritten = inLesson('Step 2 is not written yet');
const notWrittenText = `Lesson 1, step 2 is not written yet: ${at}`;

let events: WireEvent[] = [];
let happened: Fault[] = [];
let look = (): void => {};

/** Resolves as soon as that is there. */
const until = (isThere: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    look = () => isThere() && resolve();
    look();
  });
const kinds = (): string[] => events.map(({ kind }) => kind);
const untilKind = (kind: WireEvent['kind']): Promise<void> => until(() => kinds().includes(kind));
const told = (): string[] => happened.map(({ message }) => message);

beforeEach(() => {
  events = [];
  happened = [];
  look = () => {};
  const onEvent = (event: unknown): void => {
    events.push(event as WireEvent);
    look();
  };
  const onFault = (fault: unknown): void => {
    happened.push(fault as Fault);
    look();
  };
  wire.subscribe(onEvent);
  faults.subscribe(onFault);
  return () => {
    wire.unsubscribe(onEvent);
    faults.unsubscribe(onFault);
  };
});
afterEach(closePeers);

type Ended = Pick<StatusObject, 'code' | 'details'>;
const ended = (stub: HelloClient): Promise<{ reply?: unknown; error: Ended | null; trailer: Metadata }> =>
  new Promise((resolve) => {
    let outcome: { reply?: unknown; error: Ended | null };
    stub
      .hello(ada, soon(), (error, reply) => {
        outcome = { reply, error };
      })
      .on('status', ({ metadata }) => setImmediate(() => resolve({ ...outcome, trailer: metadata })));
  });

/** Has a unary call answered by a handler that need not keep to its type. */
const answered = async (handler: unknown) =>
  ended(await calling(Hello, { hello: handler as HelloHandlers['hello'] }));

/** Opens a stream in both directions, and hears it to its end. */
const opened = async (
  handler: HelloHandlers['biHello'],
): Promise<{ messages: unknown[]; ended: Ended | undefined }> => {
  const call = (await calling(Hello, { biHello: handler })).biHello(soon());
  const heard = hear(call);
  call.write(ada);
  call.end();
  return heard;
};

describe('what went wrong', () => {
  it('is a step that is not written yet, when a lesson says so', () => {
    expect(faultOf(notWritten)).toEqual({
      kind: 'unwritten',
      message: notWrittenText,
      step: 2,
      places: [{ file: 'lessons/01-unary-hello/server.ts', line: 7, lesson: 1 }],
    });
  });

  it('is no such step when it is thrown anywhere else', () => {
    const message = 'Error: Step 2 is not written yet';
    expect(faultOf(new Error('Step 2 is not written yet'))).toEqual({ kind: 'thrown', message, places: [] });
  });

  it.each([
    [inLesson('no bread'), `Error: no bread (${at})`],
    [new RangeError('no bread'), 'RangeError: no bread'],
    ['no bread', 'no bread'],
    [undefined, 'undefined'],
    [null, 'null'],
    [
      { bread: 'no'.repeat(101), butter: 'no'.repeat(20), salt: 'no'.repeat(20) },
      expect.not.stringMatching('\n'),
    ],
    [{ bread: 'x'.repeat(201) }, `{ bread: '${'x'.repeat(200)}'... 1 more character }`],
    [
      { missing: ['Ada', 'Bob', 'Cy', 'Di', 'Eve', 'Flo', 'Gus'] },
      "{ missing: [ 'Ada', 'Bob', 'Cy', 'Di', 'Eve', 'Flo', 'Gus' ] }",
    ],
    [Object.assign(new Error('no bread'), { code: 5 }), 'Error: no bread'],
    [
      { code: status.NOT_FOUND, details: 'no bread' },
      expect.stringMatching(/^the status NOT_FOUND: no bread; a status is sent with .+, not thrown$/),
    ],
  ])('is told in words, whatever was thrown: %j', (error, message) => {
    expect(faultOf(error)).toMatchObject({ kind: 'thrown', message });
  });

  it.each([
    [null, 'OK'],
    [undefined, 'OK'],
    [{ code: 5, details: 'no bread' }, 'NOT_FOUND: no bread'],
    [{ code: 5, details: '', message: 'other words' }, 'NOT_FOUND: '],
    [new Error('no bread'), 'UNKNOWN: no bread'],
    [{ code: 99 }, '99: Unknown error'],
  ])('the status %j is written as %j', (given, text) => {
    expect(statusText(given)).toBe(text);
  });
});

describe('a unary call', () => {
  it('is told in order, under one number and the name that its contract has', async () => {
    const handlers = {
      hello: ((_call, callback) => callback(null, { message: 'Hi' })) as HelloHandlers['hello'],
    };
    const address = await serving(Hello.service, handlers);
    const metadata = new Metadata();
    metadata.set('table', '7');
    const call = stubAt(Hello, address).hello(ada, metadata, soon(), () => {});
    await new Promise((resolve) => call.on('status', resolve));
    const order = expect.any(Number) as number;
    expect(events).toEqual([
      {
        call: expect.any(Number),
        method: 'hello',
        kind: 'began',
        value: expect.objectContaining({ table: '7' }),
        order,
      },
      { call: events[0]!.call, method: 'hello', kind: 'request', value: ada, order },
      { call: events[0]!.call, method: 'hello', kind: 'reply', value: { message: 'Hi' }, order },
      { call: events[0]!.call, method: 'hello', kind: 'status', value: 'OK', order },
    ]);
    const [first] = events;
    await ended(stubAt(Hello, address));
    expect(events.at(-1)!.call).toBe(first!.call + 1);
    expect(happened).toEqual([]);
  });

  it('brings the reply and what the handler sends behind it', async () => {
    const { reply, error, trailer } = await answered((_call: unknown, callback: Function) => {
      const behind = new Metadata();
      behind.set('bread', 'fresh');
      callback(null, { message: 'Hi' }, behind);
    });
    expect([reply, error]).toEqual([{ message: 'Hi' }, null]);
    expect(trailer.get('bread')).toEqual(['fresh']);
  });

  it.each([
    [
      'throws',
      inLesson('no bread'),
      'INTERNAL',
      `The server's handler threw Error: no bread (${at})`,
      `Error: no bread (${at})`,
    ],
    ['comes upon a step that is not written', notWritten, 'UNIMPLEMENTED', notWrittenText, notWrittenText],
    [
      'throws where no lesson is',
      Object.assign(new Error('no bread'), { stack: 'Error: no bread' }),
      'INTERNAL',
      "The server's handler threw Error: no bread",
      'Error: no bread',
    ],
  ])('ends when its handler %s, at once or later', async (_what, thrown, code, details, message) => {
    const handlers = [
      () => {
        throw thrown;
      },
      async () => {
        await Promise.resolve();
        throw thrown;
      },
    ];
    for (const handler of handlers) {
      happened = [];
      events = [];
      const { error } = await answered(handler);
      expect([status[error!.code], error!.details]).toEqual([code, details]);
      expect(told()).toEqual([message]);
      expect(events.at(-1)).toMatchObject({ kind: 'status', value: `${code}: ${details}` });
    }
  });

  it('ends with the status that the handler gives, and that is no fault', async () => {
    const { error } = await answered((_call: unknown, callback: Function) =>
      callback({ code: status.NOT_FOUND, details: 'no bread' }),
    );
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: 'no bread' });
    expect(happened).toEqual([]);
    expect(kinds()).toEqual(['began', 'request', 'status']);
  });

  it.each([
    [
      'a message of another kind',
      [null, 'Hi'],
      "hello: the handler answered with 'Hi', which is not the message",
    ],
    ['a long one', [null, 'x'.repeat(300)], '... 100 more characters, which is not the message'],
    [
      'no error object',
      ['no bread'],
      "hello: the handler gave its callback 'no bread' as the error; it takes",
    ],
    [
      'the status OK as the error',
      [{ code: status.OK }, { message: 'Hi' }],
      'hello: the handler gave its callback the status OK as the error; when there is no error it takes null',
    ],
  ])('ends with INTERNAL when the callback gets %s', async (_what, given, words) => {
    const { error } = await answered((_call: unknown, callback: Function) => callback(...given));
    expect(error!.code).toBe(status.INTERNAL);
    expect(error!.details).toContain(words);
    expect(happened).toMatchObject([{ kind: 'thrown', message: error!.details }]);
    expect(kinds()).not.toContain('reply');
  });

  it.each([
    ['a message', () => ({ message: 'Hi' })],
    ['a promise of one', async () => ({ message: 'Hi' })],
  ])('says that %s which the handler returns is not sent', async (_what, handler) => {
    const { error } = await answered(handler);
    expect(error).toMatchObject({ code: status.INTERNAL });
    expect(error!.details).toBe(
      "hello: the handler returned { message: 'Hi' }; what a handler returns is not sent, callback(null, reply) sends it",
    );
  });

  it('may return anything once it has answered, and what is no message before', async () => {
    const { reply } = await answered((_call: unknown, callback: Function) => {
      callback(null, { message: 'Hi' });
      return { message: 'bye' };
    });
    expect(reply).toEqual({ message: 'Hi' });
    const { reply: late } = await answered((_call: unknown, callback: Function) =>
      setImmediate(() => callback(null, { message: 'late' })),
    );
    expect(late).toEqual({ message: 'late' });
    expect(happened).toEqual([]);
  });

  it('takes the first of two answers, and tells of the second, with its line', async () => {
    const twice = `(call, callback) => {
      callback(null, { message: 'one' });
      callback(null, { message: 'two' });
    }`;
    const { reply } = await answered(runInThisContext(twice, { filename: file }));
    expect(reply).toEqual({ message: 'one' });
    expect(happened).toEqual([
      {
        kind: 'answered twice',
        message: expect.stringMatching(
          /^hello: .* a second time; .* \(lessons\/01-unary-hello\/server\.ts:3\)$/,
        ),
        places: [{ file: 'lessons/01-unary-hello/server.ts', line: 3, lesson: 1 }],
      },
    ]);
    expect(kinds().filter((kind) => kind === 'reply')).toHaveLength(1);
  });

  it('tells a throw behind the answer as one, and leaves the answer', async () => {
    const { reply } = await answered((_call: unknown, callback: Function) => {
      callback(null, { message: 'one' });
      throw inLesson('no bread');
    });
    expect(reply).toEqual({ message: 'one' });
    expect(told()).toEqual([expect.stringContaining(`(${at}); the call had been answered by then.`)]);
  });

  it('does not count a step as missing that is only reached behind the answer', async () => {
    await answered((_call: unknown, callback: Function) => {
      callback(null, { message: 'one' });
      throw notWritten;
    });
    expect(happened).toEqual([]);
  });

  it('may be answered when the client has gone: no handler can always know', async () => {
    const reached = signal();
    const left = signal();
    const stub = await calling(Hello, {
      hello: ((call, callback) => {
        reached.send();
        call.on('cancelled', () => {
          callback(null, { message: 'late' });
          left.send();
        });
      }) satisfies HelloHandlers['hello'],
    });
    const call = stub.hello(ada, soon(), () => {});
    await reached.sent;
    call.cancel();
    await left.sent;
    expect(happened).toEqual([]);
    expect(kinds()).toEqual(['began', 'request', 'cancelled']);
  });

  it('is told with the metadata that are sent before its answer', async () => {
    await answered((call: { sendMetadata: (metadata: Metadata) => void }, callback: Function) => {
      const metadata = new Metadata();
      metadata.set('kitchen', 'open');
      call.sendMetadata(metadata);
      callback(null, { message: 'Hi' });
    });
    expect(events[2]).toMatchObject({ kind: 'metadata', value: { kitchen: 'open' } });
  });
});

describe('a stream', () => {
  it('is told in order, with the metadata of the server and the end of the client', async () => {
    const { messages, ended: end } = await opened((call) => {
      const metadata = new Metadata();
      metadata.set('kitchen', 'open');
      call.sendMetadata(metadata);
      call.on('data', ({ name }) => call.write({ message: `Hi ${name}` }));
      call.on('end', () => call.end());
    });
    expect(messages).toEqual([{ message: 'Hi Ada' }]);
    expect(end!.code).toBe(status.OK);
    await untilKind('status');
    expect(events.slice(1).map(({ kind, value }) => [kind, value])).toEqual([
      ['metadata', { kitchen: 'open' }],
      ['request', ada],
      ['reply', { message: 'Hi Ada' }],
      ['half-close', undefined],
      ['status', 'OK'],
    ]);
    expect(happened).toEqual([]);
  });

  it.each([
    ['cancels', soon, (call: { cancel(): void }) => call.cancel()],
    ['gives up at its deadline', () => ({ deadline: Date.now() + 200 }), () => {}],
  ])('of a client that %s is never told to be finished by it', async (_how, optionsOf, leave) => {
    const stub = await calling(Hello, {
      clientHello: ((call, callback) => {
        call.on('data', () => leave(toServer));
        call.on('end', () => callback(null, { message: 'too late' }));
      }) satisfies HelloHandlers['clientHello'],
    });
    const toServer = stub.clientHello(optionsOf(), () => {});
    toServer.write(ada);
    await until(() => kinds().some((kind) => kind === 'cancelled' || kind === 'status'));
    await allTold();
    expect(kinds()).not.toContain('half-close');
    expect(kinds()).not.toContain('reply');
  });

  it('ends when an event throws, and what is thrown is told once', async () => {
    const { ended: end } = await opened((call) => {
      call.on('data', () => {
        throw inLesson('no bread');
      });
    });
    expect(end).toMatchObject({
      code: status.INTERNAL,
      details: `The server's handler threw Error: no bread (${at})`,
    });
    expect(told()).toEqual([`Error: no bread (${at})`]);
    expect(events.at(-1)).toMatchObject({ kind: 'status', value: `INTERNAL: ${end!.details}` });
  });

  it('ends with the status that is emitted, once', async () => {
    const { ended: end } = await opened((call) => {
      call.emit('error', { code: status.NOT_FOUND, details: 'no bread' });
    });
    expect(end).toMatchObject({ code: status.NOT_FOUND, details: 'no bread' });
    expect(kinds().filter((kind) => kind === 'status' || kind === 'cancelled')).toEqual(['status']);
    expect(happened).toEqual([]);
  });

  it('refuses a message that the contract does not name', async () => {
    let written: unknown;
    const { ended: end } = await opened((call) => {
      written = call.write('Hi' as never);
    });
    expect(end!.details).toContain("biHello: the handler answered with 'Hi'");
    expect(written).toBe(false);
    expect(kinds()).not.toContain('reply');
  });

  it('takes no message behind its end, and tells of it', async () => {
    let written: unknown;
    const { messages, ended: end } = await opened((call) => {
      call.write({ message: 'one' });
      call.end();
      written = call.write({ message: 'two' });
    });
    expect(messages).toEqual([{ message: 'one' }]);
    expect(end!.code).toBe(status.OK);
    expect(written).toBe(false);
    expect(happened).toMatchObject([
      { kind: 'written after the end', message: expect.stringContaining('biHello: the handler wrote') },
    ]);
  });

  it('says that its end takes no message', async () => {
    const { messages, ended: end } = await opened((call) => {
      (call.end as (message: object) => void)({ message: 'bye' });
    });
    expect(messages).toEqual([]);
    expect(end).toMatchObject({ code: status.INTERNAL });
    expect(end!.details).toContain('biHello: the handler gave call.end() a message, and it takes none');
  });

  it('may be ended with trailers', async () => {
    const { ended: end } = await opened((call) => call.end(new Metadata()));
    expect(end!.code).toBe(status.OK);
    expect(happened).toEqual([]);
  });

  it('may be ended twice', async () => {
    const { ended: end } = await opened((call) => {
      call.end();
      call.end();
    });
    expect(end!.code).toBe(status.OK);
    expect(kinds().filter((kind) => kind === 'status')).toHaveLength(1);
    expect(happened).toEqual([]);
  });

  it('ends with INTERNAL when the handler destroys it, or leaves a for await over it', async () => {
    const destroyed = await opened((call) => {
      call.destroy(new Error('no bread'));
    });
    expect(destroyed.ended).toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining('the handler destroyed the call (Error: no bread)'),
    });
    const left = await opened(async (call) => {
      for await (const request of call) if (request) break;
    });
    expect(left.ended).toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining('biHello: the for await over the call has destroyed it on leaving'),
    });
    expect(happened).toHaveLength(2);
  });

  it('may be read by for await when the answer goes to a callback', async () => {
    const stub = await calling(Hello, {
      clientHello: (async (call, callback) => {
        for await (const request of call) if (request) break;
        callback(null, { message: 'enough' });
      }) satisfies HelloHandlers['clientHello'],
    });
    const reply = await new Promise((resolve) => {
      const call = stub.clientHello(soon(), (error, value) => resolve(error ?? value));
      call.write(ada);
    });
    expect(reply).toMatchObject({ message: 'enough' });
    expect(happened).toEqual([]);
  });

  it('tells when it is ended after it was destroyed: the client gets no status then', async () => {
    const reached = signal<unknown>();
    const stub = await calling(Hello, {
      biHello: ((call) => {
        call.destroy();
        reached.send(call.end());
      }) satisfies HelloHandlers['biHello'],
    });
    stub.biHello(soon()).on('error', () => {});
    await reached.sent;
    expect(happened).toMatchObject([
      { kind: 'written after the end', message: expect.stringContaining('already destroyed') },
    ]);
    expect(kinds()).not.toContain('status');
  });

  it('tells that the client has left; what the handler still writes is no fault', async () => {
    const left = signal();
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        call.write({ message: 'one' });
        call.on('cancelled', () => {
          call.write({ message: 'two' });
          call.end();
          left.send();
        });
      }) satisfies HelloHandlers['parrotHello'],
    });
    await hear(stub.parrotHello(ada, soon()), 1);
    await left.sent;
    await closePeers();
    expect(kinds().filter((kind) => kind === 'cancelled' || kind === 'status')).toEqual(['cancelled']);
    expect(happened).toEqual([]);
  });

  it('tells a step that waits for the client to leave, and what else is thrown then', async () => {
    for (const [thrown, text] of [
      [notWritten, notWrittenText],
      [inLesson('no bread'), `Error: no bread (${at})`],
      [
        Object.assign(new Error('broken off'), { stack: 'Error: broken off' }),
        'Error: broken off; the client had left by then, and that is no failure: catch what comes of it',
      ],
    ] as const) {
      happened = [];
      const stub = await calling(Hello, {
        parrotHello: ((call) => {
          call.write({ message: 'one' });
          call.on('cancelled', () => {
            throw thrown;
          });
        }) satisfies HelloHandlers['parrotHello'],
      });
      await hear(stub.parrotHello(ada, soon()), 1);
      await until(() => happened.length > 0);
      expect(told()).toEqual([text]);
    }
  });

  it('counts no step as missing that waits for a client to leave, when the call has ended otherwise', async () => {
    const late = signal();
    await opened((call) => {
      call.end();
      call.on('cancelled', () => {
        late.send();
        throw notWritten;
      });
    });
    await late.sent;
    expect(happened).toEqual([]);
    expect(kinds()).not.toContain('cancelled');
  });

  it('tells that a client has vanished in place of an end that it never sent', async () => {
    const reached = signal();
    const address = await serving(Hello.service, {
      biHello: ((call) => {
        call.on('data', () => reached.send());
        call.on('end', () => call.end());
      }) satisfies HelloHandlers['biHello'],
    });
    const session = connect(`http://${address}`);
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ':method': 'POST',
      ':path': Hello.service.biHello.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    // A message of no bytes.
    stream.write(Buffer.alloc(5));
    await reached.sent;
    session.destroy();
    await untilKind('cancelled');
    expect(kinds()).toEqual(['began', 'request', 'cancelled']);
  });

  it.each(['parrotHello', 'biHello'] as const)(
    'tells that a client broke off before it had read all, though the server had ended %s well',
    async (method) => {
      const address = await serving(Hello.service, {
        parrotHello: ((call) => {
          call.write({ message: 'one' });
          call.end();
        }) satisfies HelloHandlers['parrotHello'],
        biHello: ((call) => {
          call.on('data', () => call.write({ message: 'one' }));
          call.on('end', () => call.end());
        }) satisfies HelloHandlers['biHello'],
      });
      const client = stalledAt(address, Hello.service[method], ada);
      await untilKind('status');
      client.vanish();
      await untilKind('cancelled');
      expect(kinds().slice(-2)).toEqual(['status', 'cancelled']);
    },
  );

  it('does not say so of one that was refused, or had not finished sending: it has no more to say', async () => {
    for (const end of [
      (call: { emit: (...args: unknown[]) => unknown }) =>
        call.emit('error', { code: status.NOT_FOUND, details: 'no bread' }),
      (call: { end: () => unknown }) => call.end(),
    ]) {
      events = [];
      const over = signal();
      const call = (
        await calling(Hello, {
          biHello: ((given) => {
            given.on('cancelled', () => over.send());
            end(given as never);
          }) satisfies HelloHandlers['biHello'],
        })
      ).biHello(soon());
      await hear(call);
      await over.sent;
      await closePeers();
      expect(kinds()).toEqual(['began', 'status']);
    }
  });
});

describe('the end of all calls', () => {
  it('has come when one is answered and the client of the other has gone, and not before', async () => {
    const asked = signal<Parameters<HelloHandlers['hello']>[1]>();
    const begun = signal();
    const stub = await calling(Hello, {
      hello: ((_call, callback) => asked.send(callback)) satisfies HelloHandlers['hello'],
      parrotHello: (() => begun.send()) satisfies HelloHandlers['parrotHello'],
    });
    const reply = ended(stub);
    const call = stub.parrotHello(ada, soon());
    const heard = hear(call);
    const answer = await asked.sent;
    await begun.sent;
    let over = false;
    const ends = callsHaveEnded().then(() => (over = true));
    answer(null, { message: 'Hi' });
    await reply;
    expect(over).toBe(false);
    call.cancel();
    await ends;
    expect(kinds()).toContain('cancelled');
    await heard;
  });
});

describe('an error that reached the process itself', () => {
  it('ends every open call with it, and none that has ended', async () => {
    const both = [signal(), signal()];
    const stub = await calling(Hello, {
      hello: ((_call, callback) => callback(null, { message: 'Hi' })) satisfies HelloHandlers['hello'],
      parrotHello: (() => both[0]!.send()) satisfies HelloHandlers['parrotHello'],
      clientHello: (() => both[1]!.send()) satisfies HelloHandlers['clientHello'],
    });
    await ended(stub);
    const stream = hear(stub.parrotHello(ada, soon()));
    const unary = new Promise((resolve) => stub.clientHello(soon(), resolve));
    await Promise.all(both.map(({ sent }) => sent));
    failOpenCalls(inLesson('no bread'));
    const details = `The server's handler threw Error: no bread (${at})`;
    expect((await stream).ended).toMatchObject({ code: status.INTERNAL, details });
    expect(await unary).toMatchObject({ code: status.INTERNAL, details });
    expect(told()).toEqual([`Error: no bread (${at})`]);
  });
});

describe('an interceptor of the server', () => {
  const behind = async (interceptor: ServerInterceptor): Promise<HelloClient> => {
    const { server, port } = await serveAll(
      [
        {
          service: Hello.service,
          handlers: {
            hello: ((_call, callback) => callback(null, { message: 'Hi' })) satisfies HelloHandlers['hello'],
            biHello: ((call) => {
              call.resume();
            }) satisfies HelloHandlers['biHello'],
          },
        },
      ],
      '127.0.0.1:0',
      { interceptors: [interceptor] },
    );
    tracked(server);
    return stubAt(Hello, `127.0.0.1:${port}`, { channel: credentials.createInsecure() });
  };

  it('that does no harm changes nothing', async () => {
    const seen: string[] = [];
    const stub = await behind(
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMetadata: (metadata, forward) => {
                seen.push('metadata');
                forward(metadata);
              },
            }),
          sendMessage: (message, next) => {
            seen.push('message');
            next(message);
          },
        }),
    );
    expect(await ended(stub)).toMatchObject({ reply: { message: 'Hi' }, error: null });
    expect(seen).toEqual(['metadata', 'message']);
    expect(happened).toEqual([]);
  });

  it('may leave it all as it is', async () => {
    const stub = await behind(
      (_method, call) => new ServerInterceptingCall(call, { start: (next) => next() }),
    );
    expect(await ended(stub)).toMatchObject({ reply: { message: 'Hi' } });
  });

  const thrown = inLesson('no bread');
  it.each<[string, ServerInterceptor]>([
    [
      'at its start',
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: () => {
            throw thrown;
          },
        }),
    ],
    [
      'when the metadata come',
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMetadata: () => {
                throw thrown;
              },
            }),
        }),
    ],
    [
      'later, in a promise',
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMetadata: (async () => {
                await Promise.resolve();
                throw thrown;
              }) as never,
            }),
        }),
    ],
  ])('that throws %s ends the call', async (_when, interceptor) => {
    const { error } = await ended(await behind(interceptor));
    expect(error).toMatchObject({
      code: status.INTERNAL,
      details: `The server's handler threw Error: no bread (${at})`,
    });
    expect(told()).toEqual([`Error: no bread (${at})`]);
  });

  it('that ends a call over the head of its handler is told by the status that it gave', async () => {
    const stub = await behind(
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMessage: () =>
                call.sendStatus({ code: status.UNAUTHENTICATED, details: 'no token, 100 %' }),
            }),
        }),
    );
    const call = stub.biHello(soon());
    const heard = hear(call);
    call.write(ada);
    expect((await heard).ended).toMatchObject({ code: status.UNAUTHENTICATED });
    await untilKind('status');
    expect(events.at(-1)).toMatchObject({ kind: 'status', value: 'UNAUTHENTICATED: no token, 100 %' });
    expect(kinds()).not.toContain('cancelled');
  });

  it('that only passes on leaves it to the wire that a client has gone', async () => {
    const stub = await behind((_method, call) => new ServerInterceptingCall(call));
    const call = stub.biHello(soon());
    call.on('error', () => {});
    await untilKind('began');
    call.cancel();
    await untilKind('cancelled');
    expect(kinds()).not.toContain('status');
  });
});
