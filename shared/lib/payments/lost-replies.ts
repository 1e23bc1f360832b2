/** What goes wrong between a server that has done its work and a caller who waits for the answer. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Listening, Served } from '../grpc/serve.ts';

/** Which answers have trouble. */
export interface Troubles {
  /** Every which answer to Pay is lost, with its connection; 0 for none. */
  lose: number;
  /** Every which answer to GetTotal is late; 0 for none. */
  late: number;
}

/**
 * @param lose - every which answer to Pay is lost, as it was typed
 * @throws Error when it is no whole number, or less than 0
 */
export const troublesOf = (lose: string): Troubles => {
  if (!/^\d+$/.test(lose)) {
    throw new Error(`--lose should be a whole number, such as 4, or 0 to lose none, and "${lose}" is none.`);
  }
  return { lose: Number(lose), late: 20 };
};

/** How late a late answer is, in milliseconds. */
const lateMs = 300;

const isTurn = (count: number, every: number): boolean => every > 0 && count % every === 0;

// An answer begins with its headers. Once a client has those, it makes no further call: so they are what is kept back.
const lost = (call: ServerInterceptingCallInterface, cut: () => void): ServerInterceptingCall =>
  new ServerInterceptingCall(call, { sendMetadata: cut });

/** Sends an answer later; not at all when its caller has gone by then. */
const late = (call: ServerInterceptingCallInterface): ServerInterceptingCall => {
  let timer: NodeJS.Timeout | undefined;
  return new ServerInterceptingCall(call, {
    start: (next) => next({ onCancel: () => clearTimeout(timer) }),
    sendMetadata: (metadata, next) => {
      timer = setTimeout(next, lateMs, metadata);
    },
  });
};

/**
 * Brings a server up, as `serveAll` does, whose handlers answer and whose answers do not all arrive.
 *
 * @param served - a service, and its handlers
 * @param address - host and port to listen on; port 0 lets the system pick a free one
 * @param troubles - which answers have trouble
 * @throws Error when the address cannot be listened on, for example because the port is taken
 */
export const serveWithTrouble = async (
  { service, handlers }: Served,
  address: string,
  troubles: Troubles,
): Promise<Listening> => {
  const sockets = new Map<string, Socket>();
  const counts = { Pay: 0, GetTotal: 0 };
  const trouble: ServerInterceptor = ({ path }, call) => {
    if (path.endsWith('/Pay') && isTurn((counts.Pay += 1), troubles.lose)) {
      return lost(call, () => {
        console.log('an answer to Pay is lost: its connection is cut');
        sockets.get(call.getPeer())?.destroy();
      });
    }
    if (path.endsWith('/GetTotal') && isTurn((counts.GetTotal += 1), troubles.late)) return late(call);
    return new ServerInterceptingCall(call);
  };
  const server = new Server({ interceptors: [trouble] });
  server.addService(service, handlers);
  // The sockets are ours, so that they can be cut.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.once('close', () => sockets.delete(peer));
    injector.injectConnection(socket);
  });
  const colon = address.lastIndexOf(':');
  listener.listen(Number(address.slice(colon + 1)), address.slice(0, colon));
  await once(listener, 'listening');
  return {
    server,
    port: (listener.address() as AddressInfo).port,
    stop: () => {
      listener.close();
      injector.destroy();
    },
  };
};
