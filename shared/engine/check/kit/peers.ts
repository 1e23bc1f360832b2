import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  credentials,
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type Interceptor,
  type Server,
  type ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import { placesOf } from '../../lesson/stack-trace.ts';
import { CheckFailure, must } from './check-failure.ts';
import { inTime, within } from './time-limits.ts';
import { lend } from './given-stubs.ts';

type ClientClass<C extends Client> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => C;

/** What the learner's services do first when they are stopped. */
const stops: (() => Promise<void>)[] = [];
const closers: (() => unknown)[] = [];

/** The learner's own servers that the check which is running has started. */
const ownServers: Server[] = [];

/** Calls them all, whatever the others do. */
const outcomesOf = (calls: (() => unknown)[]): Promise<PromiseSettledResult<unknown>[]> =>
  Promise.allSettled(calls.splice(0).map(async (call) => call()));

/**
 * Closes every server and stub that the last check has opened, and lets pass what calls still open say to that:
 * it must not be taken for a fault of the next check.
 *
 * @throws the first thing that was thrown on the way, once all are closed: the `stop` of a service is the learner's
 */
export const closePeers = async (): Promise<void> => {
  ownServers.length = 0;
  // A check may end within an event of HTTP/2, and Node.js 22 aborts when a connection is destroyed there.
  await nextTurn();
  const outcomes = [...(await outcomesOf(stops)), ...(await outcomesOf(closers))];
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};

/** @returns the same server, which is closed after the check */
export const tracked = <S extends Pick<Server, 'forceShutdown'>>(server: S): S => {
  closers.push(() => server.forceShutdown());
  return server;
};

/** @returns the address of a server on this machine, which is closed after the check */
export const trackedAddress = ({ server, port }: Pick<Listening, 'server' | 'port'>): string => {
  tracked(server);
  return `127.0.0.1:${port}`;
};

/** @returns the same stub, which is closed after the check */
export const trackedStub = <C extends Client>(stub: C): C => {
  must(typeof stub?.close === 'function', {
    expected: 'a stub',
    came: String(stub),
    advice: 'Return the stub that you make.',
  });
  lend(stub);
  closers.push(() => stub.close());
  return stub;
};

/** How a stub is made, where the usual way will not do. */
interface StubOptions {
  /** Insecure ones by default. */
  channel?: ChannelCredentials;
  /** The name that the server's certificate has to have. */
  expected?: string;
  /** What every call of the stub goes through. */
  interceptors?: Interceptor[];
}

/**
 * @param Stub - a client class as the contract gives it, for example `Hello`
 * @param address - host and port of a server
 * @returns a stub that the learner did not write
 */
export const stubAt = <C extends Client>(
  Stub: ClientClass<C>,
  address: string,
  { channel = credentials.createInsecure(), expected, interceptors = [] }: StubOptions = {},
): C =>
  trackedStub(
    new Stub(address, channel, {
      // A connection of its own for each stub: grpc-js would share it with the learner's stub otherwise.
      'grpc.use_local_subchannel_pool': 1,
      interceptors,
      ...(expected !== undefined && { 'grpc.ssl_target_name_override': expected }),
    }),
  );

/**
 * @param Stub - a client class as the contract gives it
 * @param config - a service config: the learner's, or the check's own
 * @returns a stub whose channel does what the service config says
 * @throws CheckFailure when grpc-js refuses the config
 */
export const configuredStub = <C extends Client>(
  Stub: ClientClass<C>,
  target: string,
  config: object,
  options: ClientOptions = {},
): C => {
  try {
    return trackedStub(
      new Stub(target, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.service_config': JSON.stringify(config),
        ...options,
      }),
    );
  } catch (error) {
    // A resolver of the learner's own is made here as well: what that throws is none of the config.
    if (error instanceof CheckFailure || placesOf(error).length > 0) throw error;
    const { message } = error as Error;
    const advice = /both/.test(message)
      ? 'A method has a retryPolicy or a hedgingPolicy, never both.'
      : 'The names of the fields are those of the step. A duration is a text: a number of seconds with an s behind it, as 0.1s.';
    throw new CheckFailure({ expected: 'a service config that grpc-js takes', came: message, advice });
  }
};

/**
 * Brings up a server that the learner did not write.
 *
 * @param service - the service's definition
 * @param handlers - its handlers: the learner's, or the check's own
 * @param secured - how connections are secured; by default they are not
 * @returns its address
 */
export const serving = async (
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
  secured?: ServerCredentials,
): Promise<string> => trackedAddress(await serve(service, handlers, '127.0.0.1:0', secured));

/**
 * Puts the learner's handlers behind a server, and a stub before it, neither of which the learner wrote.
 *
 * @returns the stub
 */
export const calling = async <C extends Client>(
  Stub: ClientClass<C> & { service: ServiceDefinition },
  handlers: UntypedServiceImplementation,
): Promise<C> => stubAt(Stub, await serving(Stub.service, handlers));

/**
 * Starts the learner's own server.
 *
 * @param start - the learner's `start`
 * @returns its address
 * @throws CheckFailure when it does not come up; or what `start` throws
 */
export const started = async (start: () => Promise<Listening>): Promise<string> => {
  const attempt = (async () => start())().catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    must(!(ownServers.length > 0 && error.message.includes('already provided')), {
      expected: 'a server of its own for each call of start()',
      came: `the second call failed: ${error.message}`,
      advice: 'start() was called a second time: make a new Server() in each call.',
    });
    if (!error.message.includes('EADDRINUSE')) throw error;
    throw new CheckFailure({
      expected: 'start() to listen at the address it is given, on a port that is free',
      came: `a port that is already taken: ${error.message}`,
      advice: 'Give bindAsync the address that start() got, as it is.',
    });
  });
  const listening = await within(attempt, {
    expected: 'start() to resolve with { server, port } once the server listens',
    came: 'nothing: the promise of start() is still open',
    advice: 'Where you call bindAsync yourself, its callback must call resolve({ server, port }).',
  });
  if (listening?.stop) {
    stops.push(async () =>
      within(Promise.resolve(listening.stop!()), {
        expected: 'stop() to come back: the server is waiting to close',
        came: 'nothing: the promise of stop() is still open',
        advice: 'Wait in stop() for nothing that may never come.',
      }),
    );
  }
  if (listening?.server) {
    must(!ownServers.includes(listening.server), {
      expected: 'a server of its own for each call of start()',
      came: 'the server of the call before',
      advice: 'Bring up a server in each call of start(), at the address it got: keep none outside.',
    });
    ownServers.push(tracked(listening.server));
  }
  must(listening?.server && listening.port > 0, {
    expected: 'start() to resolve with { server, port }',
    came: listening
      ? `server ${listening.server ? 'there' : 'missing'}, port ${listening.port}`
      : String(listening),
    advice:
      'The callback of bindAsync gets the port behind the error. Where you call serve(), return what it returns.',
  });
  return `127.0.0.1:${listening.port}`;
};

/** @returns an address at which a server has been, and nobody listens any more */
export const gone = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
};

/**
 * @param address - where a server listens on this machine
 * @returns whether it takes connections at another address of the machine too; false when the machine has no other
 */
export const reachedFromOutside = async (address: string): Promise<boolean> => {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const host = Object.values(networkInterfaces())
    .flat()
    .find((each) => each && !each.internal && each.family === 'IPv4')?.address;
  if (host === undefined) return false;
  const socket = connect({ host, port });
  try {
    return (await inTime(once(socket, 'connect'))) !== undefined;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
