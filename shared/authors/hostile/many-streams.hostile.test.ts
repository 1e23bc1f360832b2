import { describe, expect, it } from 'vitest';
import { whileInnocent } from './attack.ts';
import { headersFor } from './innocent.ts';
import { awaited, RawClient, type RawCall } from './raw-client.ts';
import { serversUp } from './servers.ts';
import { victims } from './victims.ts';

/** How many calls one connection has open at once. */
const many = 10_000;

const servers = serversUp();

// HTTP/2 lets a server say how many streams it bears (SETTINGS_MAX_CONCURRENT_STREAMS, RFC 9113, 5.1.2). grpc-js, like
// other gRPC libraries, sets no limit unless it is told one: all are taken on, and the test is what that costs others.
describe.each(victims)('10,000 calls on one connection to $name', (victim) => {
  it('are taken on, hinder nobody, and are over when the connection is', async () => {
    const server = servers.process;
    const client = await RawClient.to(server, victim, { headers: await headersFor(server, victim) });
    await whileInnocent(server, victim, async () => {
      const { targets } = victim;
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
