import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectivityState, credentials, Server } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serve } from '#shared/grpc/serve.ts';
import { Hello, servingHello } from '#testkit/hello-service.ts';
import { CheckFailure } from './check-failure.ts';
import { closePeers, started, trackedStub } from './peers.ts';

afterEach(async () => {
  vi.useRealTimers();
  await closePeers();
});

/** Lets more time pass than anything may take, once somebody waits for it. */
const timePasses = async (): Promise<void> => {
  while (vi.getTimerCount() === 0) await nextTurn();
  await vi.runOnlyPendingTimersAsync();
};

/**
 * Connects to a server. To look later whether somebody still listens there would not do: another test may have got the
 * port meanwhile.
 *
 * @returns a promise that resolves when the server closes the connection, in a function so that it is not awaited
 */
const connectedTo = async (address: string): Promise<() => Promise<unknown>> => {
  const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket.resume(), 'close');
  return () => closed;
};

const refused = async (attempt: () => unknown): Promise<unknown> => {
  const error = await (async () => attempt())().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckFailure);
  return error;
};

describe('bringing up the server of a learner', () => {
  it('gives its address, and closes it after the check', async () => {
    const own = await serve(Hello.service, {}, '127.0.0.1:0');
    const address = await started(async () => own);
    expect(address).toBe(`127.0.0.1:${own.port}`);
    const closed = await connectedTo(address);
    await closePeers();
    await closed();
  });

  it('says what to do about a port that is taken', async () => {
    const taken = new Error('bind EADDRINUSE 127.0.0.1:50051');
    expect(await refused(() => started(() => Promise.reject(taken)))).toMatchObject({
      expected: 'start() to listen at the address it is given, on a port that is free',
      came: 'a port that is already taken: bind EADDRINUSE 127.0.0.1:50051',
      advice: 'Give bindAsync the address that start() got, as it is.',
    });
  });

  it('passes on everything else that is thrown', async () => {
    for (const thrown of [new Error('no bread'), 'EADDRINUSE, says somebody']) {
      await expect(started(() => Promise.reject(thrown))).rejects.toBe(thrown);
      const throwing = (): never => {
        throw thrown;
      };
      await expect(started(throwing)).rejects.toBe(thrown);
    }
  });

  it('says that start() has not come back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refusal = refused(() => started(() => new Promise(() => {})));
    await timePasses();
    expect(await refusal).toMatchObject({
      expected: 'start() to resolve with { server, port } once the server listens',
      came: 'nothing: the promise of start() is still open',
      advice: expect.stringContaining('its callback must call resolve({ server, port })'),
    });
  });

  it.each([
    ['undefined', undefined],
    ['server missing, port undefined', {}],
    ['server missing, port 7', { port: 7 }],
    ['server there, port 0', { server: new Server(), port: 0 }],
    ['server there, port undefined', { server: new Server() }],
  ])('refuses what has %s', async (came, listening) => {
    expect(await refused(() => started(async () => listening as never))).toMatchObject({
      expected: 'start() to resolve with { server, port }',
      came,
      advice: expect.stringContaining('The callback of bindAsync gets the port behind the error.'),
    });
  });
});

describe('a stub that the learner has made', () => {
  it('is closed after the check', async () => {
    const stub = trackedStub(new Hello(await servingHello({}), credentials.createInsecure()));
    await closePeers();
    expect(stub.getChannel().getConnectivityState(false)).toBe(connectivityState.SHUTDOWN);
  });

  it.each([[undefined], ['a string']])('is refused when it is %s', async (stub) => {
    expect(await refused(() => trackedStub(stub as never))).toMatchObject({
      expected: 'a stub',
      came: String(stub),
      advice: 'Return the stub that you make.',
    });
  });
});

describe('closing what a check has opened', () => {
  it('throws what the first service throws on stopping, once, and closes every server all the same', async () => {
    const begun = async (what: string): Promise<string> => {
      const address = await servingHello({});
      const stop = (): never => {
        throw new Error(what);
      };
      await started(async () => ({ server: new Server(), port: 1, stop }));
      return address;
    };
    const addresses = [await begun('first'), await begun('second'), await servingHello({})];
    const closed = await Promise.all(addresses.map(connectedTo));
    await expect(closePeers()).rejects.toThrow('first');
    await Promise.all(closed.map((each) => each()));
    await closePeers();
  });

  it('does not wait for ever for a service that never says that it has stopped', async () => {
    const closed = await connectedTo(await servingHello({}));
    await started(async () => ({ server: new Server(), port: 1, stop: () => new Promise<void>(() => {}) }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refusal = expect(closePeers()).rejects.toMatchObject({
      expected: 'stop() to come back: the server is waiting to close',
      came: 'nothing: the promise of stop() is still open',
      advice: 'Wait in stop() for nothing that may never come.',
    });
    await timePasses();
    await refusal;
    await closed();
  });
});
