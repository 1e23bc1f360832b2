import { describe, expect, it } from 'vitest';
import { attackBesideClient } from './attack.ts';
import { headersFor } from './well-behaved-client.ts';
import { awaited, RawClient, type RawCall } from './raw-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services } from './attacked-services.ts';

/** How many calls one connection has open at once. */
const many = 10_000;

const servers = attackedServers();

// HTTP/2 lets a server say how many streams it bears (SETTINGS_MAX_CONCURRENT_STREAMS, RFC 9113, 5.1.2). grpc-js, like
// other gRPC libraries, sets no limit unless it is told one: all are taken on, and the test is what that costs others.
describe.each(services)('10,000 calls on one connection to $name', (service) => {
  it('are taken on, hinder nobody, and are over when the connection is', async () => {
    const server = servers.process;
    const client = await RawClient.to(server, service, { headers: await headersFor(server, service) });
    await attackBesideClient(server, service, async () => {
      const { targets } = service;
      const calls: RawCall[] = [];
      while (calls.length < many)
        calls.push(client.call(targets[calls.length % targets.length]!.method.path));
      // What one connection brings, comes in order: when the last is known, all are.
      await awaited(new Promise((resolve) => client.session.ping(resolve)), 'the answer to a ping');
      expect(calls.filter(({ stream }) => stream.closed)).toEqual([]);
      client.vanish();
      await awaited(Promise.all(calls.map(({ ended }) => ended)), 'the end');
    });
  });
});
