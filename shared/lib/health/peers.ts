import { setTimeout as delay } from 'node:timers/promises';
import { credentials, status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import type { HealthClient } from '#protos/generated/grpc/health/v1/Health.ts';
import type { HealthCheckResponse__Output } from '#protos/generated/grpc/health/v1/HealthCheckResponse.ts';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { reply } from '../grpc/unary-call.ts';
import { HealthService } from './health.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

/** How long a server may take until it is ready, in milliseconds. */
const patience = 5_000;

/** One of several servers that do the same, as a client sees it. */
export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly health: HealthClient;
  readonly users: UserServiceClient;
  /** Whether it may be called. */
  ready: boolean;
  /** How many calls it has answered. */
  answered: number;
  /** How the first call has ended that it did not answer. */
  failure?: string;
}

/** A server that comes back is tried again soon: by default, grpc-js waits a second, and then ever longer. */
const soonAgain = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };

/** @returns a server that nobody has asked yet whether it is ready; close it with {@link closePeer} */
export const peerAt = (address: string, name: string): Peer => ({
  name,
  address,
  health: new HealthService(address, credentials.createInsecure(), soonAgain),
  users: new UserService(address, credentials.createInsecure(), soonAgain),
  ready: false,
  answered: 0,
});

export const closePeer = ({ health, users }: Peer): void => {
  health.close();
  users.close();
};

/**
 * Watches how a server is.
 *
 * @param service - the name of a service, or '' for the server as a whole
 * @param over - ends the call when it is aborted
 */
export const watchOf = (
  { health }: Pick<Peer, 'health'>,
  service: string,
  over: AbortSignal,
): ClientReadableStream<HealthCheckResponse__Output> => {
  const watch = health.Watch({ service });
  const cancel = (): void => watch.cancel();
  over.addEventListener('abort', cancel);
  watch.once('close', () => over.removeEventListener('abort', cancel));
  return watch;
};

const inWords = ({ code, details }: ServiceError): string => `${status[code]}: ${details}`;

/**
 * Asks a server for a user, and counts its answer.
 *
 * @throws ServiceError when the call ends otherwise than with OK
 */
export const listOne = async (peer: Pick<Peer, 'users' | 'answered' | 'failure'>): Promise<void> => {
  try {
    await reply((options, done) => peer.users.ListUsers({ page_size: 1 }, options, done));
    peer.answered += 1;
  } catch (error) {
    peer.failure ??= inWords(error as ServiceError);
    throw error;
  }
};

/**
 * Begins a call, and never finishes its request: the server has to wait for the rest.
 *
 * @returns how the call has ended in the end
 */
export const stuckCall = ({ users }: Peer): Promise<string> =>
  new Promise((resolve) => {
    const { path, requestSerialize, responseDeserialize } = UserService.service.ListUsers;
    users.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error) =>
      resolve(error ? inWords(error) : 'OK'),
    );
  });

const check = ({ health }: Peer, service: string): Promise<HealthCheckResponse__Output> =>
  reply((options, done) => health.Check({ service }, options, done));

/** @returns what a server says of a name, as a container platform asks for it */
export const probed = (peer: Peer, service: string): Promise<string> =>
  check(peer, service).then(({ status: serving }) => serving, inWords);

/** Makes sure that a server answers at all. @throws ServiceError when it does not */
export const mustAnswer = async (peer: Peer): Promise<void> => {
  await check(peer, '');
};

/** Resolves once somebody has found out that the server is ready; or says so when that takes too long, and goes on. */
export const untilReady = async (peer: Pick<Peer, 'name' | 'ready'>): Promise<void> => {
  const began = performance.now();
  while (!peer.ready) {
    if (performance.now() - began > patience) {
      console.error(`${peer.name} has not said within ${patience / 1_000} seconds that it is ready.`);
      process.exitCode = 1;
      return;
    }
    await delay(20);
  }
};
