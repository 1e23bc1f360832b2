import { createServer, isIPv6, type AddressInfo } from 'node:net';
import {
  Server,
  type ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Listening } from '../grpc/serve.ts';
import { CannotUseCertificates } from './cannot-use-certificates.ts';
import type { Certificates } from './folder.ts';

/** How often to look for renewed certificates, in milliseconds. */
const pause = 2_000;

/** Where a server's certificates come from, and who is told about them. */
export interface Renewal {
  /** Reads the certificates as they are now, and looks whether they can be used. */
  read: () => Certificates;
  /** Makes credentials of them. */
  make: (certificates: Certificates) => ServerCredentials;
  /** Called each time new certificates are in use. */
  onRenewed: () => void;
  /** Called, once for each reason, when what is there now cannot be used: the server stays with what it has. */
  onRefused: (why: string) => void;
  /** How often to look, in milliseconds. */
  every?: number;
}

const same = (a: Certificates, b: Certificates): boolean =>
  a.authority.equals(b.authority) &&
  a.identity.certificate.equals(b.identity.certificate) &&
  a.identity.key.equals(b.identity.key);

/**
 * Brings a server up for one service whose certificates can be renewed while it runs: connections made from then on get
 * the new ones, and calls that are open go on undisturbed.
 *
 * The credentials of `bindAsync` stay as they are for ever. So this listens itself, and hands each connection to
 * grpc-js together with the credentials of that moment (`createConnectionInjector`). It reads the files again and
 * again, because being told of their changes is not to be relied on with every file system.
 *
 * @param service - which methods the contract promises
 * @param handlers - a function for each method
 * @param address - host and port to listen on; port 0 lets the system pick a free one
 * @param renewal - where the certificates come from
 * @returns the server, its port, and `stop`, which has to come before the server's own end
 * @throws CannotUseCertificates when the first certificates cannot be used; Error when the address cannot be listened
 * on; or what `make` throws
 */
export const serveRenewing = async (
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
  address: string,
  { read, make, onRenewed, onRefused, every = pause }: Renewal,
): Promise<Required<Omit<Listening, 'stopMs'>>> => {
  const server = new Server();
  server.addService(service, handlers);
  let current = read();
  let refused = '';
  let injector = server.createConnectionInjector(make(current));

  const look = (): void => {
    try {
      const next = read();
      refused = '';
      if (same(next, current)) return;
      // The one before stays, for the connections that it has.
      injector = server.createConnectionInjector(make(next));
      current = next;
      onRenewed();
    } catch (error) {
      if (!(error instanceof CannotUseCertificates)) throw error;
      if (error.message !== refused) onRefused(error.message);
      refused = error.message;
    }
  };

  const door = createServer({ noDelay: true }, (socket) => injector.injectConnection(socket));
  const colon = address.lastIndexOf(':');
  const name = address.slice(0, colon);
  const host = isIPv6(name.slice(1, -1)) ? name.slice(1, -1) : name;
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.listen(Number(address.slice(colon + 1)), host, resolve);
  });
  const timer = setInterval(look, every).unref();
  return {
    server,
    port: (door.address() as AddressInfo).port,
    stop: () => {
      clearInterval(timer);
      door.close();
    },
  };
};
