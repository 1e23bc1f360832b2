import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A line to a server, which carries bytes in both directions. */
export interface Line {
  /** Where it begins: a port of this machine. */
  port: number;
  /** From now on, what comes on its connections vanishes. They stay open, and those that come later work. */
  forget(): void;
  close(): void;
}

/**
 * Lays a line to a server of this machine. Its connections can be forgotten, as routers and firewalls forget those that
 * say nothing for some minutes: they are not closed, and nobody tells either end.
 *
 * @param port - where the server listens
 */
export const lineTo = async (port: number): Promise<Line> => {
  const pairs = new Set<[Socket, Socket]>();
  const listener = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.pipe(to);
      // What breaks on one side is over on the other one too.
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    forget: () => {
      for (const ends of pairs) for (const end of ends) end.unpipe().resume();
    },
    close: () => {
      listener.close();
      for (const ends of pairs) for (const end of ends) end.destroy();
    },
  };
};
