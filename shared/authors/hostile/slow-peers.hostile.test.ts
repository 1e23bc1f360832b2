import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import type { Method } from '../services/contracts.ts';
import { Attacked } from './attack.ts';
import { services } from './attacked-services.ts';
import type { RawCall, RawClient } from './raw-client.ts';

/** How much a client sends that does not stop by itself, in bytes. */
const flood = 32 * 1_024 * 1_024;

const attacked = await Attacked.servers();

/** A request of about 6 KB with which all is right, for methods whose request holds nothing but texts. */
const large = (method: Method, good: object): Buffer =>
  frame(
    method.requestSerialize(Object.fromEntries(Object.keys(good).map((field) => [field, 'x'.repeat(3_000)]))),
  );

/** Sends as much as the server takes, up to a flood. What has been taken so far is in the result. */
const pouring = (call: RawCall, bytes: Buffer): { taken: number } => {
  const poured = { taken: 0 };
  const pour = (): void => {
    if (poured.taken >= flood) return;
    call.stream.write(bytes, (error) => {
      if (error) return;
      poured.taken += bytes.length;
      pour();
    });
  };
  pour();
  return poured;
};

/** How many answers to a ping in a row bring nothing new when the server takes no more. */
const enough = 100;

/** Waits until the server takes no more, or has taken all. */
const settled = async (client: RawClient, poured: { taken: number }): Promise<void> => {
  let before = -1;
  for (let idle = 0; idle < enough && poured.taken < flood; idle += 1) {
    if (poured.taken > before) idle = 0;
    before = poured.taken;
    await client.ping();
  }
};

attacked.everyMethod(
  'answers a request that comes byte by byte as one that comes at once',
  async (client, { method, good, answers }) => {
    const call = client.call(method.path);
    for (const byte of frame(method.requestSerialize(good()))) await call.write(Buffer.of(byte));
    call.stream.end();
    await call.begun;
    expect(answers).toContain(call.end.code ?? status.OK);
    call.stream.close();
  },
);

it.each(services)('$name serves others while fifty clients do not read', (service) =>
  attacked.besideClient(service, async () => {
    const client = await attacked.connect(service, { initialWindowSize: 0 });
    for (const { method, good } of service.targets) {
      const calls = Array.from({ length: 50 }, () =>
        client.send(method.path, frame(method.requestSerialize(good()))),
      );
      await Promise.all(calls.map(({ begun }) => begun));
    }
    client.vanish();
  }),
);

const streaming = services.flatMap((service) =>
  service.targets
    .filter(({ method }) => method.requestStream)
    .map((target) => ({ path: target.method.path, name: service.name, service, target })),
);

it.each(streaming)(
  '$path of $name bears a client that sends without end and does not read',
  ({ service, target: { method, good } }) =>
    attacked.besideClient(service, async () => {
      const client = await attacked.connect(service, { initialWindowSize: 0 });
      const call = client.call(method.path);
      const poured = pouring(call, large(method, good()));
      if (method.responseStream) {
        // Its replies have nowhere to go, so no more is read of it.
        await settled(client, poured);
        expect(call.stream.closed).toBe(false);
        expect(poured.taken).toBeLessThan(flood / 4);
      } else {
        // All has to be kept until the end, so there is a limit to it.
        await call.begun;
        expect(call.end).toMatchObject({
          code: status.RESOURCE_EXHAUSTED,
          details: 'This is more than fits into one reply.',
        });
      }
      client.vanish();
    }),
);
