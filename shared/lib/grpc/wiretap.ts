import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy between a client and a server that sees every byte. */
export interface Wiretap {
  /** Where the client is to call in place of the server. */
  address: string;
  /** @returns all bytes that have gone by so far, in both directions */
  bytes(): Buffer;
  /** Leaves, and breaks what goes through it. */
  close(): void;
}

/**
 * Listens in on what goes to a server and comes back. It passes everything on as it is.
 *
 * @param address - host and port of the server
 * @returns the wiretap; close it in the end
 */
export const wiretapTo = async (address: string): Promise<Wiretap> => {
  const colon = address.lastIndexOf(':');
  const seen: Buffer[] = [];
  const sockets = new Set<Socket>();
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      seen.push(chunk);
      to.write(chunk);
    });
    from.on('close', () => to.destroy());
    // A connection that breaks is for its two ends to tell of.
    from.on('error', () => {});
  };
  const tap = createServer((client) => {
    const server = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
    join(client, server);
    join(server, client);
  });
  tap.listen(0, '127.0.0.1');
  await once(tap, 'listening');
  return {
    address: `127.0.0.1:${(tap.address() as AddressInfo).port}`,
    bytes: () => Buffer.concat(seen),
    close: () => {
      for (const socket of sockets) socket.destroy();
      tap.close();
    },
  };
};
