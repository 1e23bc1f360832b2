import { expect, it } from 'vitest';
import { Attacked } from './attack.ts';
import { services } from './attacked-services.ts';

/** How many calls one connection has open at once. */
const many = 10_000;

const attacked = await Attacked.servers();

// HTTP/2 lets a server say how many streams it bears (SETTINGS_MAX_CONCURRENT_STREAMS, RFC 9113, 5.1.2). grpc-js, like
// other gRPC libraries, sets no limit unless it is told one: all are taken on, and the test is what that costs others.
it.each(services)(
  '10,000 calls on one connection to $name are taken on, hinder nobody, and are over when the connection is',
  async (service) => {
    const client = await attacked.connect(service);
    await attacked.besideClient(service, async () => {
      const { targets } = service;
      const calls = Array.from({ length: many }, (_, index) =>
        client.call(targets[index % targets.length]!.method.path),
      );
      // What one connection brings, comes in order: when the last is known, all are.
      await client.ping();
      expect(calls.filter(({ stream }) => stream.closed)).toEqual([]);
      client.vanish();
      await Promise.all(calls.map(({ ended }) => ended));
    });
  },
);
