import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { frame } from '#kit/frames.ts';
import { everyMethod, attackBesideClient } from './attack.ts';
import { headersFor } from './well-behaved-client.ts';
import { awaited, type RawCall, RawClient } from './raw-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services, type Method } from './attacked-services.ts';

/** How much a client sends that does not stop by itself, in bytes. */
const flood = 32 * 1_024 * 1_024;

/** How many clients do not read. */
const stalled = 50;

const servers = attackedServers();

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
    await awaited(new Promise((resolve) => client.session.ping(resolve)), 'the answer to a ping');
  }
};

describe.each(services)('$name', (service) => {
  it('answers a request that comes byte by byte as one that comes at once', () =>
    everyMethod(servers.process, service, async (client, { method, good, answers }) => {
      const call = client.call(method.path);
      for (const byte of frame(method.requestSerialize(good()))) {
        await new Promise((resolve) => void call.stream.write(Buffer.of(byte), resolve));
      }
      call.stream.end();
      await awaited(call.begun, `an answer of ${method.path}`);
      expect(answers).toContain(call.end.code ?? status.OK);
      call.stream.close();
    }));

  it('serves others while fifty clients do not read', async () => {
    const headers = await headersFor(servers.process, service);
    await attackBesideClient(servers.process, service, async () => {
      const client = await RawClient.to(servers.process, service, {
        headers,
        settings: { initialWindowSize: 0 },
      });
      for (const { method, good } of service.targets) {
        const calls = Array.from({ length: stalled }, () =>
          client.send(method.path, frame(method.requestSerialize(good()))),
        );
        await awaited(Promise.all(calls.map(({ begun }) => begun)), `an answer of ${method.path}`);
      }
      client.vanish();
    });
  });
});

const streaming = services.flatMap((service) =>
  service.targets
    .filter(({ method }) => method.requestStream)
    .map((target) => ({ path: target.method.path, name: service.name, service, target })),
);

describe.each(streaming)('$path of $name', ({ service, target: { method, good } }) => {
  it('bears a client that sends without end and does not read', () =>
    attackBesideClient(servers.process, service, async () => {
      const client = await RawClient.to(servers.process, service, { settings: { initialWindowSize: 0 } });
      const call = client.call(method.path);
      const poured = pouring(call, large(method, good()));
      if (method.responseStream) {
        // Its replies have nowhere to go, so no more is read of it.
        await settled(client, poured);
        expect(call.stream.closed).toBe(false);
        expect(poured.taken).toBeLessThan(flood / 4);
      } else {
        // All has to be kept until the end, so there is a limit to it.
        await awaited(call.begun, 'an answer');
        expect(call.end).toMatchObject({
          code: status.RESOURCE_EXHAUSTED,
          details: 'This is more than fits into one reply.',
        });
      }
      client.vanish();
    }));
});
