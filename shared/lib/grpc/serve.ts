import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerOptions,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A server that takes calls, and the TCP port it got. */
export interface Listening {
  server: Server;
  port: number;
  /**
   * What the service does first when the server is told to stop: end its long calls, close its database. The server
   * takes no new calls once this has resolved, and ends soon after, whether it has resolved or not.
   */
  stop?: () => Promise<void> | void;
  /** How long `stop` may take when nobody is in a hurry, in milliseconds; a second when it does not say. */
  stopMs?: number;
}

/** A service and its handlers. */
export interface Served {
  /** Which methods the contract promises, for example `Hello.service`. */
  service: ServiceDefinition;
  /** Who answers each method; a method without a handler answers UNIMPLEMENTED. */
  handlers: UntypedServiceImplementation;
}

/**
 * The listings that these contracts were made from name no package, so a client made from them calls `/ChatService/…`.
 * The package is the workbook's own: two services of one name could not be told apart without it.
 */
const listedWithoutPackage = /^\/(?:chat|livechat)\.(?=ChatService\/)/;

/** @returns the service as a client calls it that knows no package; undefined when there is no such client */
const withoutPackage = (service: ServiceDefinition): ServiceDefinition | undefined => {
  const methods = Object.entries(service);
  if (!methods.every(([, { path }]) => listedWithoutPackage.test(path))) return undefined;
  return Object.fromEntries(
    methods.map(([name, method]) => [
      name,
      { ...method, path: method.path.replace(listedWithoutPackage, '/') },
    ]),
  );
};

/**
 * Keeps what is over from its handler, and does nothing else: a call whose deadline passes between its request and its
 * half-close would be handed over with the half-close, and `cancelled` would never come, because that has been by then
 * (`onReceiveHalfClose` and `onCancel` in server.ts of grpc-js 1.14.7). Who keeps a list of open calls would keep such
 * a one for ever. What stands between grpc-js and a handler, any interceptor, lets nothing through after the end.
 */
const onlyWhatIsOpen: ServerInterceptor = (_method, call) => new ServerInterceptingCall(call);

/** How a server is brought up. */
export interface HowServed extends Partial<ServerOptions> {
  credentials?: ServerCredentials;
}

/**
 * Brings one server up for several services.
 *
 * @param services - what it offers
 * @param address - host and port to listen on; port 0 lets the system pick a free one
 * @param how - how connections are secured (by default they are not, as in lessons 1 to 9), and what grpc-js takes
 *   beyond that, for example interceptors
 * @returns the server and its port, once it really takes calls
 * @throws Error when the address cannot be listened on, for example because the port is taken
 */
export const serveAll = (
  services: readonly Served[],
  address: string,
  {
    credentials = ServerCredentials.createInsecure(),
    interceptors = [onlyWhatIsOpen],
    ...options
  }: HowServed = {},
): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const server = new Server({ ...options, interceptors });
    for (const { service, handlers } of services) {
      server.addService(service, handlers);
      const bare = withoutPackage(service);
      if (bare) server.addService(bare, handlers);
    }
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(error);
      else resolve({ server, port });
    });
  });

/**
 * Brings a server up for one service. You wrote these lines yourself in lesson 1.
 *
 * @param service - which methods the contract promises, for example `Hello.service`
 * @param handlers - a function for each method; a method without one answers UNIMPLEMENTED
 * @param address - host and port to listen on; port 0 lets the system pick a free one
 * @param credentials - how connections are secured; by default they are not, as in lessons 1 to 9
 * @returns the server and its port, once it really takes calls
 * @throws Error when the address cannot be listened on, for example because the port is taken
 */
export const serve = (
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
  address: string,
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<Listening> => serveAll([{ service, handlers }], address, { credentials });
