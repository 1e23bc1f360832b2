import { runInThisContext } from 'node:vm';
import {
  credentials,
  Metadata,
  ServerInterceptingCall,
  status,
  type Responder,
  type StatusObject,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { ada, callingHello, handlersOf, Hello, servingHello } from '#testkit/hello-service.ts';
import { metadataOf } from '#testkit/metadata-of.ts';
import { hear, soon } from '../../check/kit/calls.ts';
import { closePeers, stubAt, tracked } from '../../check/kit/peers.ts';
import { signal } from '../../check/kit/awaited-events.ts';
import { stalledAt } from '../../check/kit/stalled-reader.ts';
import { inWorkbook } from '../../lesson/paths.ts';
import { faultOf, faults, statusText, type Fault } from '../faults.ts';
import { wire, type WireEvent } from '../wire-events.ts';
import { allTold } from './guarded-call.ts';
import { callsHaveEnded, failOpenCalls } from './open-calls.ts';

await import('./server-guard.ts');

const file = inWorkbook('lessons', '01-unary-hello', 'server.ts');
const at = 'lessons/01-unary-hello/server.ts:7';

/** An error as a line of a lesson throws it. */
const inLesson = (message: string): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}\n    at hello (${file}:7:3)` });
/** An error that no line of a lesson has thrown. */
const elsewhere = (message: string): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}` });

const noBread = inLesson('no bread');
const noBreadText = `Error: no bread (${at})`;
const ofNoBread = { code: status.INTERNAL, details: `The server's handler threw ${noBreadText}` };
const notFound = { code: status.NOT_FOUND, details: 'no bread' };
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
const story = (): unknown[][] => events.map(({ kind, value }) => [kind, value]);
const ends = (): string[] => kinds().filter((kind) => kind === 'status' || kind === 'cancelled');
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
type Answer = { reply?: unknown; error: Ended | null };
const ended = (stub: HelloClient, metadata = new Metadata()): Promise<Answer & { trailer: Metadata }> =>
  new Promise((resolve) => {
    let outcome: Answer;
    stub
      .hello(ada, metadata, soon(), (error, reply) => {
        outcome = { reply, error };
      })
      .on('status', ({ metadata: trailer }) => setImmediate(() => resolve({ ...outcome, trailer })));
  });

/** Has a unary call answered by a handler that need not keep to its type. */
const answered = async (handler: (call: never, callback: Function) => unknown) =>
  ended(await callingHello({ hello: handler as never }));
const hi = { message: 'Hi' };
const sayHi: HelloHandlers['hello'] = (_call, callback) => callback(null, hi);

type BiHello = (call: Parameters<HelloHandlers['biHello']>[0]) => unknown;

/** Opens a stream in both directions, sends one message, and hears it to its end. */
const opened = async (handler: BiHello) => {
  let returned: unknown;
  const call = (await callingHello({ biHello: (given) => (returned = handler(given)) })).biHello(soon());
  const heard = hear(call);
  call.write(ada);
  call.end();
  return { ...(await heard), returned };
};

/** A client that leaves a stream when it has its first message. */
const leaving = async (onLeave: HelloHandlers['parrotHello']): Promise<void> => {
  const stub = await callingHello({
    parrotHello: (call) => {
      call.write({ message: 'one' });
      call.on('cancelled', () => onLeave(call));
    },
  });
  await hear(stub.parrotHello(ada, soon()), 1);
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

  it.each([
    [noBread, noBreadText],
    [new Error('Step 2 is not written yet'), 'Error: Step 2 is not written yet'],
    ['no bread', 'no bread'],
    [undefined, 'undefined'],
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
      notFound,
      expect.stringMatching(/^the status NOT_FOUND: no bread; a status is sent with .+, not thrown$/),
    ],
  ])('is told in words, whatever was thrown: %j', (error, message) => {
    expect(faultOf(error)).toMatchObject({ kind: 'thrown', message });
  });

  it.each([
    [null, 'OK'],
    [undefined, 'OK'],
    [notFound, 'NOT_FOUND: no bread'],
    [{ code: 5, details: '', message: 'other words' }, 'NOT_FOUND: '],
    [new Error('no bread'), 'UNKNOWN: no bread'],
    [{ code: 99 }, '99: Unknown error'],
  ])('the status %j is written as %j', (given, text) => {
    expect(statusText(given)).toBe(text);
  });
});

describe('a unary call', () => {
  it('is told in order, under one number and the name that its contract has', async () => {
    const stub = await callingHello({ hello: sayHi });
    await ended(stub, metadataOf({ table: '7' }));
    expect(story()).toEqual([
      ['began', expect.objectContaining({ table: '7' })],
      ['request', ada],
      ['reply', hi],
      ['status', 'OK'],
    ]);
    const { call } = events[0]!;
    const order = expect.any(Number) as number;
    for (const event of events) expect(event).toMatchObject({ call, method: 'hello', order });
    await ended(stub);
    expect(events.at(-1)!.call).toBe(call + 1);
    expect(happened).toEqual([]);
  });

  it.each([
    ['throws', noBread, ofNoBread, noBreadText],
    [
      'comes upon a step that is not written',
      notWritten,
      { code: status.UNIMPLEMENTED, details: notWrittenText },
      notWrittenText,
    ],
    [
      'throws where no lesson is',
      elsewhere('no bread'),
      { code: status.INTERNAL, details: "The server's handler threw Error: no bread" },
      'Error: no bread',
    ],
  ])('ends when its handler %s, at once or later', async (_what, thrown, failure, message) => {
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
      expect((await answered(handler)).error).toMatchObject(failure);
      expect(told()).toEqual([message]);
      expect(story().at(-1)).toEqual(['status', statusText(failure)]);
    }
  });

  it.each([
    [
      'a message of another kind',
      [null, 'Hi'],
      "hello: the handler answered with 'Hi', which is not the message",
    ],
    [
      'no error object',
      ['no bread'],
      "hello: the handler gave its callback 'no bread' as the error; it takes",
    ],
    [
      'the status OK as the error',
      [{ code: status.OK }, hi],
      'hello: the handler gave its callback the status OK as the error; when there is no error it takes null',
    ],
  ])('ends with INTERNAL when the callback gets %s', async (_what, given, words) => {
    const { error } = await answered((_call, callback) => callback(...given));
    expect(error!.code).toBe(status.INTERNAL);
    expect(error!.details).toContain(words);
    expect(happened).toMatchObject([{ kind: 'thrown', message: error!.details }]);
    expect(kinds()).not.toContain('reply');
  });

  it('says that a message which the handler returns, or a promise of one, is not sent', async () => {
    expect((await answered(async () => hi)).error).toMatchObject({
      code: status.INTERNAL,
      details:
        "hello: the handler returned { message: 'Hi' }; what a handler returns is not sent, callback(null, reply) sends it",
    });
  });

  it.each<[string, (call: never, callback: Function) => unknown]>([
    [
      'anything once it has answered',
      (_call, callback) => {
        callback(null, hi);
        return { message: 'bye' };
      },
    ],
    ['what is no message before', (_call, callback) => setImmediate(() => callback(null, hi))],
  ])('may return %s', async (_what, handler) => {
    expect((await answered(handler)).reply).toEqual(hi);
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

  it.each([
    ['tells a throw', noBread, [expect.stringContaining(`(${at}); the call had been answered by then.`)]],
    ['counts no step as missing', notWritten, []],
  ])('%s behind the answer, and leaves the answer', async (_what, thrown, said) => {
    const { reply } = await answered((_call, callback) => {
      callback(null, hi);
      throw thrown;
    });
    expect(reply).toEqual(hi);
    expect(told()).toEqual(said);
  });
});

describe('a stream', () => {
  it('is told in order, with the metadata of the server and the end of the client', async () => {
    const { messages } = await opened((call) => {
      call.sendMetadata(metadataOf({ kitchen: 'open' }));
      call.on('data', ({ name }) => call.write({ message: `Hi ${name}` }));
      call.on('end', () => call.end());
    });
    expect(messages).toEqual([{ message: 'Hi Ada' }]);
    await untilKind('status');
    expect(story().slice(1)).toEqual([
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
    const stub = await callingHello({
      clientHello: (call, callback) => {
        call.on('data', () => leave(toServer));
        call.on('end', () => callback(null, { message: 'too late' }));
      },
    });
    const toServer = stub.clientHello(optionsOf(), () => {});
    toServer.write(ada);
    await until(() => ends().length > 0);
    await allTold();
    expect(kinds()).not.toContain('half-close');
    expect(kinds()).not.toContain('reply');
  });

  it('ends when an event throws, and what is thrown is told once', async () => {
    const { ended: end } = await opened((call) =>
      call.on('data', () => {
        throw noBread;
      }),
    );
    expect(end).toMatchObject(ofNoBread);
    expect(told()).toEqual([noBreadText]);
    expect(story().at(-1)).toEqual(['status', statusText(ofNoBread)]);
  });

  it.each<[string, BiHello, object]>([
    ['with the status that is emitted', (call) => call.emit('error', notFound), notFound],
    ['with trailers', (call) => call.end(new Metadata()), { code: status.OK }],
    ['twice', (call) => call.end() && call.end(), { code: status.OK }],
  ])('may be ended %s, and has one end', async (_how, handler, expected) => {
    expect((await opened(handler)).ended).toMatchObject(expected);
    expect(ends()).toEqual(['status']);
    expect(happened).toEqual([]);
  });

  it.each<[string, BiHello, string]>([
    [
      'writes what the contract does not name',
      (call) => call.write('Hi' as never),
      "the handler answered with 'Hi'",
    ],
    [
      'gives its end a message',
      (call) => (call.end as (message: object) => void)(hi),
      'the handler gave call.end() a message, and it takes none',
    ],
    [
      'destroys it',
      (call) => call.destroy(new Error('no bread')),
      'the handler destroyed the call (Error: no bread)',
    ],
    [
      'leaves a for await over it',
      async (call) => {
        for await (const request of call) if (request) break;
      },
      'the for await over the call has destroyed it on leaving',
    ],
  ])('ends with INTERNAL when the handler %s', async (_what, handler, words) => {
    const { messages, ended: end, returned } = await opened(handler);
    expect(end).toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining(`biHello: ${words}`),
    });
    expect(messages).toEqual([]);
    expect(returned).not.toBe(true);
    expect(kinds()).not.toContain('reply');
    expect(happened).toHaveLength(1);
  });

  it('takes no message behind its end, and tells of it', async () => {
    const {
      messages,
      ended: end,
      returned,
    } = await opened((call) => {
      call.write({ message: 'one' });
      call.end();
      return call.write({ message: 'two' });
    });
    expect(messages).toEqual([{ message: 'one' }]);
    expect(end!.code).toBe(status.OK);
    expect(returned).toBe(false);
    expect(happened).toMatchObject([
      { kind: 'written after the end', message: expect.stringContaining('biHello: the handler wrote') },
    ]);
  });

  it('tells that the client has left; what the handler still writes is no fault', async () => {
    const left = signal();
    await leaving((call) => {
      call.write({ message: 'two' });
      call.end();
      left.send();
    });
    await left.sent;
    await closePeers();
    expect(ends()).toEqual(['cancelled']);
    expect(happened).toEqual([]);
  });

  it.each([
    [notWritten, notWrittenText],
    [noBread, noBreadText],
    [
      elsewhere('broken off'),
      'Error: broken off; the client had left by then, and that is no failure: catch what comes of it',
    ],
  ])('tells what is thrown when the client has left: %s', async (thrown, text) => {
    await leaving(() => {
      throw thrown;
    });
    await until(() => happened.length > 0);
    expect(told()).toEqual([text]);
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

  it('tells that a client broke off before it had read all, though the server had ended well', async () => {
    const address = await servingHello({
      biHello: (call) => {
        call.on('data', () => call.write({ message: 'one' }));
        call.on('end', () => call.end());
      },
    });
    const client = stalledAt(address, Hello.service.biHello, ada);
    await untilKind('status');
    client.vanish();
    await untilKind('cancelled');
    expect(kinds().slice(-2)).toEqual(['status', 'cancelled']);
  });
});

describe('the end of all calls', () => {
  it('has come when one is answered and the client of the other has gone, and not before', async () => {
    const asked = signal<Parameters<HelloHandlers['hello']>[1]>();
    const begun = signal();
    const stub = await callingHello({
      hello: (_call, callback) => asked.send(callback),
      parrotHello: () => begun.send(),
    });
    const reply = ended(stub);
    const call = stub.parrotHello(ada, soon());
    const heard = hear(call);
    const answer = await asked.sent;
    await begun.sent;
    let over = false;
    const allEnded = callsHaveEnded().then(() => (over = true));
    answer(null, hi);
    await reply;
    expect(over).toBe(false);
    call.cancel();
    await allEnded;
    expect(kinds()).toContain('cancelled');
    await heard;
  });
});

describe('an error that reached the process itself', () => {
  it('ends every open call with it, and none that has ended', async () => {
    const both = [signal(), signal()];
    const stub = await callingHello({
      hello: sayHi,
      parrotHello: () => both[0]!.send(),
      clientHello: () => both[1]!.send(),
    });
    await ended(stub);
    const stream = hear(stub.parrotHello(ada, soon()));
    const unary = new Promise((resolve) => stub.clientHello(soon(), resolve));
    await Promise.all(both.map(({ sent }) => sent));
    failOpenCalls(noBread);
    expect((await stream).ended).toMatchObject(ofNoBread);
    expect(await unary).toMatchObject(ofNoBread);
    expect(told()).toEqual([noBreadText]);
  });
});

describe('an interceptor of the server', () => {
  type Around = ConstructorParameters<typeof ServerInterceptingCall>;
  const behind = async (partsOf: (call: Around[0]) => Responder | undefined): Promise<HelloClient> => {
    const { server, port } = await serveAll(
      [
        {
          service: Hello.service,
          handlers: handlersOf({ hello: sayHi, biHello: (call) => void call.resume() }),
        },
      ],
      '127.0.0.1:0',
      { interceptors: [(_method, call) => new ServerInterceptingCall(call, partsOf(call))] },
    );
    tracked(server);
    return stubAt(Hello, `127.0.0.1:${port}`, { channel: credentials.createInsecure() });
  };

  it('that looks at all of it changes nothing', async () => {
    const seen: unknown[] = [];
    const stub = await behind(() => ({
      start: (next) =>
        next({ onReceiveMetadata: (metadata, forward) => seen.push('metadata') && forward(metadata) }),
      sendMessage: (message, next) => seen.push('message') && next(message),
    }));
    expect(await ended(stub)).toMatchObject({ reply: hi, error: null });
    expect(seen).toEqual(['metadata', 'message']);
    expect(happened).toEqual([]);
  });

  const throws = (): never => {
    throw noBread;
  };
  const rejects = async (): Promise<never> => {
    await Promise.resolve();
    throw noBread;
  };
  it.each<[string, Responder]>([
    ['at its start', { start: throws }],
    ['when the metadata come', { start: (next) => next({ onReceiveMetadata: throws }) }],
    ['later, in a promise', { start: (next) => next({ onReceiveMetadata: rejects as never }) }],
  ])('that throws %s ends the call', async (_when, parts) => {
    expect((await ended(await behind(() => parts))).error).toMatchObject(ofNoBread);
    expect(told()).toEqual([noBreadText]);
  });

  it('that ends a call over the head of its handler is told by the status that it gave', async () => {
    const given = { code: status.UNAUTHENTICATED, details: 'no token, 100 %' };
    const stub = await behind((call) => ({
      start: (next) => next({ onReceiveMessage: () => call.sendStatus(given) }),
    }));
    const call = stub.biHello(soon());
    const heard = hear(call);
    call.write(ada);
    expect((await heard).ended).toMatchObject({ code: status.UNAUTHENTICATED });
    await untilKind('status');
    expect(story().at(-1)).toEqual(['status', 'UNAUTHENTICATED: no token, 100 %']);
    expect(kinds()).not.toContain('cancelled');
  });
});
