import {
  InterceptingCall,
  Metadata,
  status,
  type Client,
  type Interceptor,
  type Requester,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { ada, callingHello, Hello } from '#testkit/hello-service.ts';
import { metadataOf } from '#testkit/metadata-of.ts';
import { hear, soon } from '../check/kit/calls.ts';
import { closePeers } from '../check/kit/peers.ts';
import { clientWire, type ClientWireEvent } from './client-wire.ts';

await import('./guard/server-guard.ts');

let events: ClientWireEvent[] = [];
const listen = (event: unknown): void => void events.push(event as ClientWireEvent);
const kinds = (): string[] => events.map(({ kind }) => kind);
const value = (kind: ClientWireEvent['kind']): unknown => events.find((event) => event.kind === kind)?.value;

beforeEach(() => {
  events = [];
  clientWire.subscribe(listen);
});
afterEach(async () => {
  clientWire.unsubscribe(listen);
  await closePeers();
});

const greet: HelloHandlers['hello'] = ({ request }, callback) =>
  callback(null, { message: `Hi ${request.name}` }, metadataOf({ bread: 'fresh' }));
const parrot: HelloHandlers['parrotHello'] = (call) => {
  call.sendMetadata(metadataOf({ kitchen: 'open' }));
  call.write({ message: 'one' });
};
const greeted = async (make: (done: (error: unknown, reply: unknown) => void) => unknown): Promise<unknown> =>
  new Promise((resolve) => make((error, reply) => resolve(error ?? reply)));

describe('the wire of a client', () => {
  it('has a call in order, and the call goes as it would without it', async () => {
    const stub = await callingHello({ hello: greet });
    const ended = (done: (error: unknown, reply: unknown) => void) =>
      stub.hello(ada, metadataOf({ table: '7' }), soon(), done);
    expect(await greeted(ended)).toEqual({ message: 'Hi Ada' });
    expect(kinds()).toEqual(['began', 'request', 'half-close', 'metadata', 'reply', 'status']);
    expect(value('began')).toEqual({ table: '7' });
    expect(value('status')).toBe('OK');
    expect(Hello.service.hello.requestDeserialize(value('request') as Buffer)).toEqual(ada);
    expect(Hello.service.hello.responseDeserialize(value('reply') as Buffer)).toEqual({ message: 'Hi Ada' });
    const { call } = events[0]!;
    for (const event of events)
      expect(event).toMatchObject({ call, method: 'hello', path: '/hello.Hello/hello' });

    events = [];
    await greeted(ended);
    expect(new Set(events.map((event) => event.call))).toEqual(new Set([call + 1]));
  });

  it('has the client that cancels, once, and how that ends', async () => {
    const call = (await callingHello({ parrotHello: parrot })).parrotHello(ada, soon());
    const ended = new Promise((resolve) => call.on('status', resolve));
    await hear(call, 1);
    await ended;
    call.cancel();
    expect(kinds().filter((kind) => kind === 'cancelled')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ kind: 'status', value: expect.stringMatching(/^CANCELLED/) });
  });

  it('does not take a deadline that passes for a client that cancels', async () => {
    const stub = await callingHello({ hello: () => {} });
    await greeted((done) => stub.hello(ada, { deadline: Date.now() + 100 }, done));
    expect(kinds()).not.toContain('cancelled');
    expect(value('status')).toMatch(/^DEADLINE_EXCEEDED/);
  });

  it('does not take a call for cancelled that never went out', async () => {
    const stub: Client = await callingHello({ hello: greet });
    const call = stub.getChannel().createCall('/hello.Hello/hello', Infinity, null, null, null);
    call.cancelWithStatus(status.CANCELLED, 'never mind');
    expect(events).toEqual([]);
  });

  /** Has a call made by a client with an interceptor. @returns what comes of it */
  const intercepted = async (partsOf: (nextCall: () => Pick<InterceptingCall, 'start'>) => Requester) => {
    const stub = await callingHello({ hello: greet });
    const one: Interceptor = (options, nextCall) =>
      new InterceptingCall(
        nextCall(options),
        partsOf(() => nextCall(options)),
      );
    return greeted((done) => stub.hello(ada, { ...soon(), interceptors: [one] }, done));
  };

  it('has a call that an interceptor makes twice as two', async () => {
    await intercepted((nextCall) => ({
      start: (metadata, listener, next) => {
        nextCall().start(new Metadata());
        next(metadata, listener);
      },
    }));
    expect(new Set(events.map(({ call }) => call)).size).toBe(2);
  });

  it('has nothing of a call that an interceptor refuses before it goes out', async () => {
    const refused = { code: status.UNAUTHENTICATED, details: 'no token' };
    const came = await intercepted(() => ({
      start: (metadata, listener) => listener.onReceiveStatus({ ...refused, metadata }),
    }));
    expect(came).toMatchObject(refused);
    expect(events).toEqual([]);
  });

  it('has what really goes out: what an interceptor has added', async () => {
    const came = await intercepted(() => ({
      start: (metadata, listener, next) => {
        metadata.set('table', '8');
        next(metadata, listener);
      },
      sendMessage: (message: object, next) => next({ ...message, name: 'Grace' }),
    }));
    expect(came).toEqual({ message: 'Hi Grace' });
    expect(value('began')).toEqual({ table: '8' });
    expect(String(value('request'))).toContain('Grace');
  });

  it('is silent while nobody listens', async () => {
    clientWire.unsubscribe(listen);
    const stub = await callingHello({ hello: greet });
    const call = greeted((done) => stub.hello(ada, soon(), done));
    clientWire.subscribe(listen);
    expect(await call).toEqual({ message: 'Hi Ada' });
    expect(events).toEqual([]);
  });
});
