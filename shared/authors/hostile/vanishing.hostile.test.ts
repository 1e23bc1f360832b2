import { constants } from 'node:http2';
import { describe, expect, it, vi } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import { Attacked } from './attack.ts';
import { services, type AttackedService, type Target } from './attacked-services.ts';
import { awaited, peerTimeoutMs, type RawCall, type RawClient } from './raw-client.ts';

/** How many times each call is left at each point in each way: 29 methods, 7 points, 2 ways, 3 rounds are 1,218 calls. */
const rounds = 3;

/** How much more memory may be held afterwards, in bytes: 10 KB for each call that was left in a round. */
const allowance = 4 * 1_024 * 1_024;

/** The points of a call at which a client may be gone, in order. Each says what comes before. */
const points: Record<string, (call: RawCall, request: Buffer) => unknown> = {
  headers: () => {},
  'a part of a message': (call, request) => call.write(request.subarray(0, 4)),
  'a message': (call, request) => call.write(request),
  'some messages': (call, request) => call.write(Buffer.concat([request, request, request])),
  'the half-close': (call, request) => void call.stream.end(request),
  'the first of the answer': async (call, request) => {
    call.stream.end(request);
    await call.begun;
  },
  // The deadline ends the call between its message and its half-close.
  'its deadline': async (call, request) => {
    await call.write(request);
    await call.begun;
    call.stream.end();
    await call.ended;
  },
};

const ways: ((client: RawClient, call: RawCall) => void)[] = [
  (_client, call) => call.stream.close(constants.NGHTTP2_CANCEL),
  (client) => client.vanish(),
];

/** Leaves a method's calls at each point in each way, each from a connection of its own. */
const leaveAll = async (
  attacked: Attacked,
  service: AttackedService,
  { method, good }: Target,
): Promise<void> => {
  const left = Object.entries(points).flatMap(([point, reach]) =>
    ways.map(async (leave) => {
      const client = await attacked.connect(service);
      const call = client.call(method.path, point === 'its deadline' ? { 'grpc-timeout': '20m' } : {});
      const reached = Promise.resolve(reach(call, frame(method.requestSerialize(good()))));
      await awaited(reached, `${method.path}: ${point}`);
      leave(client, call);
      await call.ended;
      client.vanish();
    }),
  );
  await Promise.all(left);
};

const nothing = { connections: 0, timers: 0, calls: 0, subscribers: 0 };

describe.each(['workbook', 'watched'] as const)('a client that vanishes from %s servers', async (variant) => {
  const attacked = await Attacked.servers(variant);

  const round = async (chosen: readonly AttackedService[]): Promise<void> => {
    for (const service of chosen) {
      await attacked.besideClient(service, async () => {
        for (const target of service.targets) await leaveAll(attacked, service, target);
      });
    }
  };

  /** Waits until nothing is open; how long that takes does not matter. @returns the memory that is held then, in bytes */
  const heldByNothing = async (): Promise<number> => {
    await vi.waitFor(async () => expect(await attacked.process.ask('open')).toEqual(nothing), {
      timeout: peerTimeoutMs,
    });
    return (await attacked.process.ask('usage')).held;
  };

  it('leaves nothing behind, wherever in a call it is gone, and harms nobody', async () => {
    const plain = services.filter(({ secured }) => !secured);
    // What is made once, such as the caches of V8 and of SQLite, is there after the first round.
    await round(plain);
    const before = await heldByNothing();
    for (let done = 1; done < rounds; done += 1) await round(plain);
    expect((await heldByNothing()) - before).toBeLessThan(allowance);
  });

  // Node.js itself loses some connections of HTTP/2 over TLS that the client breaks off while it is being written to:
  // neither the session nor the socket hears of it, a ping is never answered nor refused, and session.destroy() waits
  // for that write for ever. Seen with 20.20.2 and 24.21.0, with the server of grpc-js as with ours, for about one
  // connection in twenty; https://github.com/nodejs/node/issues/42710 looks like it. So nothing is counted here.
  it('harms nobody over TLS', () => round(services.filter(({ secured }) => secured)));
});
