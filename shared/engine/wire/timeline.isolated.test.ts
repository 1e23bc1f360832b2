import type { EventEmitter } from 'node:events';
import { Channel, credentials, InterceptingCall, Metadata, status, type Requester } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { ada, callingHello, Hello, servingHello } from '#testkit/hello-service.ts';
import { metadataOf } from '#testkit/metadata-of.ts';
import { clientWire, type ClientWireEvent } from './client-wire.ts';
import { orderOfNow, wire, type WireEvent } from './wire-events.ts';
import { hear, replyTo, soon } from '../check/kit/calls.ts';
import { calling, closePeers, stubAt, trackedStub } from '../check/kit/peers.ts';
import { signal } from '../check/kit/signals.ts';
import { stalledAt } from '../check/kit/stalled.ts';
import { allTold } from './guard/guarded-call.ts';
import { Timeline } from './timeline.ts';

await import('./guard/server-guard.ts');

const { AccountService } = loadProto<Account>('account.proto').account;

const timeline = new Timeline();
const linesOf = (side: 'client' | 'server'): string[] =>
  timeline.lines().filter((line) => line.startsWith(side));
beforeEach(() => timeline.clear());
afterEach(closePeers);

const inText = "{ name: 'Ada', greeting: 'Hello' }";

const greet: HelloHandlers['hello'] = ({ request }, callback) =>
  callback(null, { message: `${request.greeting} ${request.name}` });

const ask = (stub: HelloClient, request: object = ada): Promise<unknown> =>
  replyTo((options, done) => stub.hello(request, options, done), '').catch((error: unknown) => error);

const ended = (call: EventEmitter): Promise<unknown> =>
  new Promise((resolve) => {
    call.on('error', () => {});
    call.on('status', resolve);
  });

describe('the timeline', () => {
  it('has a unary call as both sides see it, in order', async () => {
    await ask(await callingHello({ hello: greet }));
    expect(timeline.lines()).toEqual([
      `client → hello ${inText}`,
      'client · has finished sending',
      `server ← hello ${inText}`,
      "server → hello { message: 'Hello Ada' }",
      'server · ended with OK',
      "client ← hello { message: 'Hello Ada' }",
      'client · ended with OK',
    ]);
  });

  it('has server streaming, and the client that leaves', async () => {
    const gone = signal();
    const stub = await callingHello({
      parrotHello: (call) => {
        call.write({ message: 'one' });
        call.on('cancelled', () => gone.send());
      },
    });
    const call = stub.parrotHello(ada, soon());
    await Promise.all([hear(call, 1), ended(call), gone.sent]);
    expect(timeline.lines().slice(0, 6)).toEqual([
      `client → parrotHello ${inText}`,
      'client · has finished sending',
      `server ← parrotHello ${inText}`,
      "server → parrotHello { message: 'one' }",
      "client ← parrotHello { message: 'one' }",
      'client · cancels the call',
    ]);
    expect(timeline.lines().slice(6).toSorted()).toEqual([
      'client · ended with CANCELLED: Cancelled on client',
      'server · sees that the client has gone',
    ]);
  });

  it('has client streaming', async () => {
    const stub = await callingHello({
      clientHello: (call, callback) => {
        call.on('data', () => {});
        call.on('end', () => callback(null, { message: 'done' }));
      },
    });
    await replyTo((options, done) => stub.clientHello(options, done).end(ada), '');
    await allTold();
    expect(linesOf('client')).toEqual([
      `client → clientHello ${inText}`,
      'client · has finished sending',
      "client ← clientHello { request: [], message: 'done' }",
      'client · ended with OK',
    ]);
    expect(linesOf('server')).toEqual([
      `server ← clientHello ${inText}`,
      'server · sees that the client has finished',
      "server → clientHello { message: 'done' }",
      'server · ended with OK',
    ]);
  });

  it('shows that a client never half-closes, and that a call began on which nothing is said', async () => {
    const reached = signal();
    const stub = await callingHello({ biHello: () => reached.send() });
    stub.biHello(soon()).on('error', () => {});
    await reached.sent;
    expect(timeline.lines()).toEqual(['client · calls biHello', 'server · gets the call of biHello']);
  });

  it('has bidirectional streaming, and metadata of both sides, but nothing that every call has', async () => {
    const stub = await callingHello({
      biHello: (call) => {
        call.sendMetadata(metadataOf({ kitchen: 'open' }));
        call.on('data', () => call.write({ message: 'yes' }));
        call.on('end', () => call.end());
      },
    });
    const call = stub.biHello(metadataOf({ table: '7' }), soon());
    call.end(ada);
    await hear(call);
    const lines = timeline.lines();
    expect(lines[1]).toBe(`client → biHello ${inText}`);
    expect(lines.filter((line) => line.includes('metadata'))).toEqual([
      "client → biHello, metadata { table: '7' }",
      "server ← biHello, metadata { table: '7' }",
      "server → biHello, metadata { kitchen: 'open' }",
      "client ← biHello, metadata { kitchen: 'open' }",
    ]);
    expect(lines.at(-1)).toBe('client · ended with OK');
  });

  it('shows metadata without anything in it where the client still waits behind it', async () => {
    const stub = await callingHello({ parrotHello: (call) => call.sendMetadata(new Metadata()) });
    const call = stub.parrotHello(ada, soon());
    call.on('error', () => {});
    await new Promise((resolve) => call.once('metadata', resolve));
    expect(timeline.lines().slice(-2)).toEqual([
      'server → parrotHello, metadata {}',
      'client ← parrotHello, metadata {}',
    ]);
  });

  it('has a deadline that passes, without the measurements of grpc-js', async () => {
    const stub = await callingHello({ hello: () => {} });
    await new Promise((resolve) => stub.hello(ada, { deadline: Date.now() + 100 }, resolve));
    // Without the seconds it is the server, whose clock was the first.
    expect(linesOf('client').at(-1)).toMatch(
      /^client · ended with DEADLINE_EXCEEDED: Deadline exceeded(?: after [\d.]+s)?$/,
    );
  });

  it('has what a misspelt field leaves of a message: the client got nothing of it', async () => {
    await ask(
      await callingHello({ hello: (_call, callback) => callback(null, { mesage: 'Hello' } as never) }),
    );
    expect(timeline.lines()).toContain("server → hello { mesage: 'Hello' }");
    expect(timeline.lines()).toContain("client ← hello { message: '' }");
  });

  it('has a message as it was when it was sent, whatever the handler makes of it later', async () => {
    const reply = { message: 'one' };
    const stub = await callingHello({
      parrotHello: (call) => {
        call.write(reply);
        reply.message = 'two';
        call.end();
      },
    });
    await hear(stub.parrotHello(ada, soon()));
    expect(timeline.lines()).toContain("server → parrotHello { message: 'one' }");
  });
});

describe('a client with interceptors', () => {
  const withInterceptor = async (parts: Requester): Promise<HelloClient> =>
    trackedStub(
      new Hello(await servingHello({ hello: greet }), credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        interceptors: [(options, nextCall) => new InterceptingCall(nextCall(options), parts)],
      }),
    );

  it('leaves nothing when one refuses the call before it goes out', async () => {
    const refused = { code: status.UNAUTHENTICATED, details: 'no token' };
    const stub = await withInterceptor({
      start: (metadata, listener) => listener.onReceiveStatus({ ...refused, metadata }),
    });
    expect(await new Promise((resolve) => stub.hello(ada, soon(), resolve))).toMatchObject(refused);
    expect(timeline.lines()).toEqual([]);
  });

  it('shows what really goes out: what one has added, without what must stay secret', async () => {
    const stub = await withInterceptor({
      start: (metadata, listener, next) => {
        metadata.set('authorization', 'Bearer of-secrets');
        next(metadata, listener);
      },
      sendMessage: (message: object, next) => next({ ...message, name: 'Grace' }),
    });
    expect(await ask(stub)).toMatchObject({ message: 'Hello Grace' });
    expect(timeline.lines().slice(0, 2)).toEqual([
      "client → hello, metadata { authorization: '(not logged)' }",
      "client → hello { name: 'Grace', greeting: 'Hello' }",
    ]);
    expect(timeline.lines()).toContain("server ← hello, metadata { authorization: '(not logged)' }");
    expect(timeline.lines().join('\n')).not.toContain('of-secrets');
  });
});

describe('what a message holds', () => {
  it('is not shown where it proves who somebody is', async () => {
    const stub = await calling(AccountService, {
      SignIn: ((_call: unknown, callback: (error: null, reply: object) => void) =>
        callback(null, { access_token: 'of-secrets' })) as never,
    });
    const request = { phone_number: '+14155550123', otp: '123456' };
    await replyTo((options, done) => stub.SignIn(request, options, done), '');
    const text = timeline.lines().join('\n');
    expect(text).toContain("client → SignIn { phone_number: '+14155550123', otp: '(not logged)' }");
    expect(text).toContain("server → SignIn { access_token: '(not logged)' }");
    expect(text).not.toMatch(/of-secrets|123456/);
  });

  it('cannot paint on the terminal, nor can the details of a status', async () => {
    const details = 'no\u001B[2Jbread\r\nclient · ended with OK \u202Ereversed';
    const stub = await callingHello({
      hello: (_call, callback) => callback({ code: status.INTERNAL, details }),
    });
    await ask(stub, { name: '\u001B[31mAda\nclient', greeting: '' });
    expect(timeline.lines().join('')).not.toMatch(/[\p{Cc}\u202E]/u);
    expect(timeline.lines()[0]).toBe("client → hello { name: '\\x1B[31mAda\\nclient', greeting: '' }");
  });

  it('is told by its length where no contract knows it', async () => {
    const channel = new Channel('127.0.0.1:1', credentials.createInsecure(), {});
    const call = channel.createCall('/x.Y/z', Infinity, null, null, null);
    const over = new Promise((onReceiveStatus) =>
      call.start(new Metadata(), { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus }),
    );
    call.sendMessageWithContext({}, Buffer.from('abc'));
    call.cancelWithStatus(status.CANCELLED, 'enough');
    await over;
    channel.close();
    expect(timeline.lines()).toEqual([
      'client → z (3 bytes)',
      'client · cancels the call',
      'client · ended with CANCELLED: enough',
    ]);
  });
});

describe('several calls', () => {
  it('have numbers, the same on both sides', async () => {
    const stub = await callingHello({ hello: greet });
    await ask(stub);
    await ask(stub, { name: 'Bob' });
    const lines = timeline.lines();
    expect(lines[0]).toBe(`client 1 → hello ${inText}`);
    expect(lines).toContain("server 2 ← hello { name: 'Bob', greeting: '' }");
    expect(lines.at(-1)).toBe('client 2 · ended with OK');
  });

  it('are not mixed up with one that has ended before it reached a server', async () => {
    const nobody = await servingHello({ hello: greet });
    await closePeers();
    await ask(stubAt(Hello, nobody));
    expect(timeline.lines().at(-1)).toMatch(/^client · ended with UNAVAILABLE: No connection established/);
    await ask(await callingHello({ hello: greet }));
    expect(timeline.lines()).toContain(`server 2 ← hello ${inText}`);
  });

  it('count one of a client that is not made with grpc-js', async () => {
    const address = await servingHello({ parrotHello: (call) => call.end(), hello: greet });
    await stalledAt(address, Hello.service.parrotHello, ada).read();
    await ask(stubAt(Hello, address));
    expect(timeline.lines()).toContain('server 1 · ended with OK');
    expect(timeline.lines()).toContain(`server 2 ← hello ${inText}`);
  });

  it('of an earlier check leave nothing in the next one', async () => {
    const reached = signal();
    const call = ask(await callingHello({ hello: () => reached.send() }));
    await reached.sent;
    timeline.clear();
    await closePeers();
    await call;
    expect(timeline.lines()).toEqual([]);
  });
});

/** Tells what one side saw, as the two channels carry it. */
const seen = (
  side: 'client' | 'server',
  call: number,
  kind: WireEvent['kind'],
  { value = kind === 'began' ? {} : undefined, method = 'hello' }: { value?: unknown; method?: string } = {},
): void => {
  const event = { call, method, kind, value, order: orderOfNow() };
  if (side === 'server') wire.publish(event);
  else clientWire.publish({ ...event, path: `/hello.Hello/${method}` } satisfies ClientWireEvent);
};

/** A call on which so many messages come to the server: as many events, and one more. */
const messages = (count: number): void => {
  seen('server', 1, 'began');
  for (let number = 1; number <= count; number += 1) seen('server', 1, 'request', { value: { number } });
};

const lineOf = (number: number): string => `server ← hello { number: ${number} }`;

describe('the lines of a long story', () => {
  it('are all there up to twelve', () => {
    messages(12);
    expect(timeline.lines()).toEqual(Array.from({ length: 12 }, (_, index) => lineOf(index + 1)));
  });

  it.each([
    [13, 2],
    [47, 36],
    // From here on what lies in the middle is only counted; the beginning of the call is one of the events that are kept.
    [48, 37],
    [49, 38],
    [70, 59],
  ])('are the first four and the last seven of %i, and say how many are left out', (count, left) => {
    messages(count);
    const numbers = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, index) => lineOf(from + index));
    expect(timeline.lines()).toEqual([...numbers(1, 4), `… ${left} more`, ...numbers(count - 6, count)]);
  });

  it('are none before anything has happened, and count from then on', () => {
    const fresh = new Timeline();
    expect(fresh.lines()).toEqual([]);
    seen('client', 1, 'began', { value: { table: '7' } });
    expect(fresh.lines()).toEqual(["client → hello, metadata { table: '7' }"]);
  });
});

describe('which call a server has got', () => {
  it('is the first of its method that is under way', () => {
    seen('client', 1, 'began');
    seen('client', 2, 'began', { method: 'biHello' });
    seen('client', 3, 'began');
    seen('server', 1, 'began', { method: 'biHello' });
    seen('server', 2, 'began');
    seen('server', 3, 'began');
    expect(timeline.lines().slice(3)).toEqual([
      'server 2 · gets the call of biHello',
      'server 1 · gets the call of hello',
      'server 3 · gets the call of hello',
    ]);
  });

  it('is none that has ended before, and no call of a client is one that a server has got', () => {
    seen('client', 1, 'began');
    seen('client', 2, 'began');
    seen('client', 1, 'status', { value: 'UNAVAILABLE: nobody' });
    seen('server', 7, 'began');
    seen('client', 3, 'began');
    expect(timeline.lines()).toEqual([
      'client 2 · calls hello',
      'client 1 · ended with UNAVAILABLE: nobody',
      'server 2 · gets the call of hello',
      'client 3 · calls hello',
    ]);
  });

  it('is a call of its own when no client has made it', () => {
    seen('server', 1, 'began');
    seen('server', 2, 'began');
    seen('client', 1, 'began');
    expect(timeline.lines()).toEqual([
      'server 1 · gets the call of hello',
      'server 2 · gets the call of hello',
      'client 3 · calls hello',
    ]);
  });
});

describe('that a call began, with nothing more to say', () => {
  it('is left out once its own side says more on the same call, and by nothing else', () => {
    seen('client', 1, 'began');
    seen('server', 1, 'began');
    seen('client', 2, 'began');
    seen('client', 1, 'status', { value: 'CANCELLED: enough' });
    seen('server', 1, 'half-close');
    seen('client', 2, 'status', { value: 'OK' });
    expect(timeline.lines()).toEqual([
      'server 1 · gets the call of hello',
      'client 1 · ended with CANCELLED: enough',
      'server 1 · sees that the client has finished',
      'client 2 · ended with OK',
    ]);
  });
});

describe('the words of a line', () => {
  it.each([
    ['x-user-agent', true],
    ['host-of-the-party', true],
    ['host', false],
    ['grpc-accept-encoding', false],
    ['accept-encoding', false],
  ])('have the metadata %s: %s', (key, shown) => {
    seen('client', 1, 'began', { value: { [key]: 'x' } });
    expect(timeline.lines()).toEqual([
      shown ? `client → hello, metadata { '${key}': 'x' }` : 'client · calls hello',
    ]);
  });

  it.each([
    [
      'DEADLINE_EXCEEDED: Deadline exceeded after 0.1s,LB pick: 0.002s\nand more',
      'DEADLINE_EXCEEDED: Deadline exceeded after 0.1s',
    ],
    [
      'UNKNOWN: DEADLINE_EXCEEDED: Deadline exceeded after 0.1s, twice',
      'UNKNOWN: DEADLINE_EXCEEDED: Deadline exceeded after 0.1s, twice',
    ],
    ['INTERNAL: one\r\n\u001B\u202Etwo', 'INTERNAL: one two'],
  ])('have no more of a status than can be told', (value, told) => {
    seen('server', 1, 'began');
    seen('server', 1, 'status', { value });
    expect(timeline.lines()).toEqual([`server · ended with ${told}`]);
  });
});
