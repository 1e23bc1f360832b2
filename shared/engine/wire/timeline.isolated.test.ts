import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { ada, callingHello } from '#testkit/hello-service.ts';
import { clientWire, type ClientWireEvent } from './client-wire.ts';
import { orderOfNow, wire, type WireEvent } from './wire-events.ts';
import { hear, replyTo, soon } from '../check/kit/calls.ts';
import { calling, closePeers } from '../check/kit/peers.ts';
import { allTold } from './guard/guarded-call.ts';
import { Timeline } from './timeline.ts';

await import('./guard/server-guard.ts');

const { AccountService } = loadProto<Account>('account.proto').account;

const timeline = new Timeline();
beforeEach(() => timeline.clear());
afterEach(closePeers);

const inText = "{ name: 'Ada', greeting: 'Hello' }";

type Side = 'client' | 'server';
interface Seen {
  value?: unknown;
  method?: string;
  path?: string;
}

/** Tells what one side saw, as the two channels carry it. */
const seen = (
  side: Side,
  call: number,
  kind: WireEvent['kind'],
  { value = kind === 'began' ? {} : undefined, method = 'hello', path = `/hello.Hello/${method}` }: Seen = {},
): void => {
  const event = { call, method, kind, value, order: orderOfNow() };
  if (side === 'server') wire.publish(event);
  else clientWire.publish({ ...event, path } satisfies ClientWireEvent);
};

describe('the timeline', () => {
  it('has a unary call as both sides see it, in order', async () => {
    const stub = await callingHello({
      hello: ({ request: { greeting, name } }, callback) =>
        callback(null, { message: `${greeting} ${name}` }),
    });
    await replyTo((options, done) => stub.hello(ada, options, done), '');
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

  it('puts what a server is told late where it belongs', async () => {
    const stub = await callingHello({
      clientHello: (call, callback) => {
        call.on('data', () => {});
        call.on('end', () => callback(null, { message: 'done' }));
      },
    });
    await replyTo((options, done) => stub.clientHello(options, done).end(ada), '');
    await allTold();
    expect(timeline.lines().filter((line) => line.startsWith('server'))).toEqual([
      `server ← clientHello ${inText}`,
      'server · sees that the client has finished',
      "server → clientHello { message: 'done' }",
      'server · ended with OK',
    ]);
  });

  it.each<[Side, WireEvent['kind'], unknown, string]>([
    ['client', 'began', {}, 'client · calls hello'],
    ['server', 'began', {}, 'server · gets the call of hello'],
    ['client', 'began', { table: '7' }, "client → hello, metadata { table: '7' }"],
    ['server', 'began', { table: '7' }, "server ← hello, metadata { table: '7' }"],
    ['client', 'metadata', { kitchen: 'open' }, "client ← hello, metadata { kitchen: 'open' }"],
    ['server', 'metadata', { kitchen: 'open' }, "server → hello, metadata { kitchen: 'open' }"],
    ['client', 'metadata', {}, 'client ← hello, metadata {}'],
    ['server', 'metadata', {}, 'server → hello, metadata {}'],
    ['client', 'cancelled', undefined, 'client · cancels the call'],
    ['server', 'cancelled', undefined, 'server · sees that the client has gone'],
  ])('says of %s, %s, %j', (side, kind, value, line) => {
    if (kind !== 'began') seen(side, 1, 'began');
    seen(side, 1, kind, { value });
    expect(timeline.lines().at(-1)).toBe(line);
  });

  it('has what a misspelt field leaves of a message: the client got nothing of it', async () => {
    const misspelt = { mesage: 'Hello' } as never;
    const stub = await callingHello({ hello: (_call, callback) => callback(null, misspelt) });
    await replyTo((options, done) => stub.hello(ada, options, done), '');
    expect(timeline.lines()).toContain("server → hello { mesage: 'Hello' }");
    expect(timeline.lines()).toContain("client ← hello { message: '' }");
  });

  it('has a message as it was when it was sent, whatever the handler makes of it later', () => {
    const value = { message: 'one' };
    seen('server', 1, 'began');
    seen('server', 1, 'reply', { value });
    value.message = 'two';
    expect(timeline.lines()).toEqual(["server → hello { message: 'one' }"]);
  });

  it('has nothing of a call that an earlier check began', () => {
    seen('client', 1, 'began');
    seen('server', 1, 'began');
    timeline.clear();
    seen('client', 1, 'status', { value: 'OK' });
    seen('server', 1, 'status', { value: 'OK' });
    expect(timeline.lines()).toEqual([]);
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
    seen('client', 9, 'began', { value: { authorization: 'Bearer of-secrets' } });
    const text = timeline.lines().join('\n');
    expect(text).toContain("→ SignIn { phone_number: '+14155550123', otp: '(not logged)' }");
    expect(text).toContain("→ SignIn { access_token: '(not logged)' }");
    expect(text).toContain("→ hello, metadata { authorization: '(not logged)' }");
    expect(text).not.toMatch(/of-secrets|123456/);
  });

  it('cannot paint on the terminal, nor can the details of a status', async () => {
    const details = 'no\u001B[2Jbread\r\nclient · ended with OK \u202Ereversed';
    const stub = await callingHello({
      parrotHello: (call) => void call.emit('error', { code: status.INTERNAL, details }),
    });
    await hear(stub.parrotHello({ name: '\u001B[31mAda\nclient', greeting: '' }, soon()));
    expect(timeline.lines().join('')).not.toMatch(/[\p{Cc}\u202E]/u);
    expect(timeline.lines()[0]).toBe("client → parrotHello { name: '\\x1B[31mAda\\nclient', greeting: '' }");
  });

  it('is told by its length where no contract knows it', () => {
    seen('client', 1, 'began');
    seen('client', 1, 'request', { value: Buffer.from('abc'), method: 'z', path: '/x.Y/z' });
    expect(timeline.lines()).toEqual(['client → z (3 bytes)']);
  });
});

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
    ['host', false],
    ['grpc-accept-encoding', false],
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
