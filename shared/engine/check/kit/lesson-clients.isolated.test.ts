import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, sayHello } from '#answers/01-unary-hello/client.ts';
import { open } from '#answers/03-client-streaming/client.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { callingHello, Hello, servingHello } from '#testkit/hello-service.ts';
import { forgetOpen, openCalls, openStubs } from './lesson-clients.ts';
import { closePeers, stubAt, trackedStub } from './peers.ts';
import { signal } from './awaited-events.ts';

const world = { greeting: 'Hello', name: 'World' };
const hello: HelloHandlers['hello'] = (_call, callback) => callback(null, { message: 'Hello World' });
const silent: HelloHandlers['clientHello'] = () => {};

beforeEach(forgetOpen);
afterEach(closePeers);

describe('the calls that lesson code has left open', () => {
  const at = expect.stringMatching(/^solutions\/03-client-streaming\/client\.ts:\d+$/) as string;
  const openCall = [{ what: 'a call of clientHello that has neither ended nor been cancelled', at }];

  it('have their names and places, until they are cancelled', async () => {
    const stub = await callingHello({ clientHello: silent });
    let call: ReturnType<typeof open> | undefined;
    const ended = new Promise((resolve) => {
      call = open(stub, resolve);
    });
    expect(openCalls()).toEqual(openCall);
    call!.cancel();
    await ended;
    expect(openCalls()).toEqual([]);
  });

  it('are none when the server has answered', async () => {
    const stub = await callingHello({ hello });
    await sayHello(stub, world);
    expect(openCalls()).toEqual([]);
  });

  it('are still there when the whole request has gone out', async () => {
    const reached = signal();
    const stub = await callingHello({ hello: () => reached.send() });
    const reply = sayHello(stub, world).catch(() => {});
    await reached.sent;
    expect(openCalls()).toMatchObject([
      { what: 'a call of hello that has neither ended nor been cancelled' },
    ]);
    await closePeers();
    await reply;
    expect(openCalls()).toEqual([]);
  });

  it('go on when only the stub is closed', async () => {
    const stub = await callingHello({ clientHello: silent });
    open(stub, () => {});
    stub.close();
    expect(openCalls()).toEqual(openCall);
    // What an earlier check has left open is none of the next one's.
    forgetOpen();
    expect(openCalls()).toEqual([]);
  });

  it('are not those of a check', async () => {
    const stub = await callingHello({ clientHello: silent });
    const call = stub.clientHello(() => {});
    expect(openCalls()).toEqual([]);
    call.cancel();
  });
});

describe('the stubs that lesson code has left open', () => {
  const at = expect.stringMatching(/^solutions\/01-unary-hello\/client\.ts:\d+$/) as string;
  const openStub = [{ what: 'a stub of Hello that is not closed', at }];

  it('have their names and places, until they are closed', async () => {
    const stub = trackedStub(connect(await servingHello({ hello })));
    expect(openStubs()).toEqual([]);
    await sayHello(stub, world);
    expect(openStubs()).toEqual(openStub);
    stub.close();
    expect(openStubs()).toEqual([]);
  });

  it('are not those that only a check has used', async () => {
    const stub = stubAt(Hello, await servingHello({ hello }));
    await new Promise((resolve) => stub.waitForReady(Infinity, resolve));
    expect(openStubs()).toEqual([]);
  });
});
