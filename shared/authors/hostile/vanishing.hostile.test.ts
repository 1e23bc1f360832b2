import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { frame } from '#kit/frames.ts';
import { attackBesideClient } from './attack.ts';
import { headersFor } from './well-behaved-client.ts';
import { awaited, peerTimeoutMs, type RawCall, RawClient } from './raw-client.ts';
import type { AttackedProcess, State } from './attacked-process.ts';
import { attackedServers } from './attacked-process.ts';
import { services, type Target, type AttackedService } from './attacked-services.ts';

/** How many times each call is left at each point in each way: 29 methods, 7 points, 2 ways, 3 rounds are 1,218 calls. */
const rounds = 3;

/** How much more memory may be held afterwards, in bytes: 10 KB for each call that was left in a round. */
const allowance = 4 * 1_024 * 1_024;

const sent = (call: RawCall, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => void call.stream.write(bytes, () => resolve()));

/** The points of a call at which a client may be gone, in order. Each says what comes before. */
const points: Record<string, (call: RawCall, request: Buffer) => unknown> = {
  headers: () => {},
  'a part of a message': (call, request) => sent(call, request.subarray(0, 4)),
  'a message': (call, request) => sent(call, request),
  'some messages': (call, request) => sent(call, Buffer.concat([request, request, request])),
  'the half-close': (call, request) => void call.stream.end(request),
  'the first of the answer': async (call, request) => {
    call.stream.end(request);
    await call.begun;
  },
  // The deadline ends the call between its message and its half-close.
  'its deadline': async (call, request) => {
    await sent(call, request);
    await call.begun;
    call.stream.end();
    await call.ended;
  },
};

const ways: Record<string, (client: RawClient, call: RawCall) => void> = {
  reset: (_client, call) => call.stream.close(constants.NGHTTP2_CANCEL),
  'broken connection': (client) => client.vanish(),
};

/** Leaves a method's calls at each point in each way, each from a connection of its own. */
const leaveAll = async (
  server: AttackedProcess,
  service: AttackedService,
  { method, good }: Target,
  headers: Record<string, string>,
): Promise<void> => {
  const request = (): Buffer => frame(method.requestSerialize(good()));
  const left = Object.entries(points).flatMap(([point, reach]) =>
    Object.entries(ways).map(async ([way, leave]) => {
      const client = await RawClient.to(server, service, { headers });
      const call = client.call(method.path, point === 'its deadline' ? { 'grpc-timeout': '20m' } : {});
      await awaited(Promise.resolve(reach(call, request())), `${method.path}: ${point}`);
      leave(client, call);
      await awaited(call.ended, `${method.path}: ${way} after ${point}`);
      client.vanish();
    }),
  );
  await Promise.all(left);
};

/** Asks again and again until only this is open; how long that takes does not matter. */
const backTo = async (server: AttackedProcess, open: State['open']): Promise<State> => {
  const until = Date.now() + peerTimeoutMs;
  let now = await server.state();
  while (JSON.stringify(now.open) !== JSON.stringify(open) && Date.now() < until) {
    now = await server.state();
  }
  return now;
};

const nothing = { connections: 0, timers: 0, calls: 0, subscribers: 0 };

describe.each(['bare', 'watched'] as const)('a client that vanishes from %s servers', (variant) => {
  const servers = attackedServers(variant);

  const round = async (chosen: readonly AttackedService[]): Promise<void> => {
    for (const service of chosen) {
      const headers = await headersFor(servers.process, service);
      await attackBesideClient(servers.process, service, async () => {
        for (const target of service.targets) await leaveAll(servers.process, service, target, headers);
      });
    }
  };

  it('leaves nothing behind, wherever in a call it is gone, and harms nobody', async () => {
    const plain = services.filter((service) => !('secured' in service));
    // What is made once, such as the caches of V8 and of SQLite, is there after the first round.
    await round(plain);
    const before = await backTo(servers.process, nothing);
    for (let done = 1; done < rounds; done += 1) await round(plain);
    const after = await backTo(servers.process, nothing);
    expect(after.open).toEqual(nothing);
    expect(after.held - before.held).toBeLessThan(allowance);
  });

  // Node.js itself loses some connections of HTTP/2 over TLS that the client breaks off while it is being written to:
  // neither the session nor the socket hears of it, a ping is never answered nor refused, and session.destroy() waits
  // for that write for ever. Seen with 20.20.2 and 24.21.0, with the server of grpc-js as with ours, for about one
  // connection in twenty; https://github.com/nodejs/node/issues/42710 looks like it. So nothing is counted here.
  it('harms nobody over TLS', () => round(services.filter((service) => 'secured' in service)));
});
