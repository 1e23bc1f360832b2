import { status, type sendUnaryData, type Server, type ServiceError } from '@grpc/grpc-js';
import type { ListUsersResponse } from '#protos/generated/user/ListUsersResponse.ts';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import { serve } from '#shared/grpc/serve.ts';
import { peerAt, type Peer } from '#shared/health/peers.ts';
import { soon } from '../calls.ts';
import { must } from '../check-failure.ts';
import { stubAt, trackedAddress, trackedStub } from '../peers.ts';
import { UserService } from '../users/service.ts';
import { becomes } from '../time-limits.ts';

/** Answers a call that has come. */
export type Answer = sendUnaryData<ListUsersResponse>;

/** A server of users that the learner did not write. What comes of a call to it, the check decides. */
export interface UsersAtWork {
  server: Server;
  address: string;
  /** Calls that have come, each with the way to answer it. */
  calls: Answer[];
}

/**
 * @param onCall - answers a call at once; without it, the check answers later, or never
 * @returns a server
 */
export const usersAtWork = async (onCall?: (answer: Answer) => void): Promise<UsersAtWork> => {
  const calls: Answer[] = [];
  const handlers = {
    ListUsers: (_call: unknown, answer: Answer) => {
      calls.push(answer);
      onCall?.(answer);
    },
  };
  const listening = await serve(UserService.service, handlers, '127.0.0.1:0');
  return { server: listening.server, address: trackedAddress(listening), calls };
};

/** @returns a client of its own for a server */
export const userStub = (address: string): UserServiceClient => stubAt(UserService, address);

/** Makes a call that outlasts two bounded waits. @returns how it has ended */
export const listing = (stub: UserServiceClient): Promise<string> =>
  new Promise((resolve) => {
    stub.ListUsers({}, soon(2), (error: ServiceError | null) =>
      resolve(error ? `${status[error.code]}: ${error.details}` : 'OK'),
    );
  });

/** @returns a server as the lesson's client sees it */
export const peerTo = (address: string, ready: boolean, name = 'a server'): Peer => {
  const peer = Object.assign(peerAt(address, name), { ready });
  trackedStub(peer.health);
  trackedStub(peer.users);
  return peer;
};

/** Waits until a server has got its first call. */
export const oneCame = (calls: Answer[]): Promise<void> =>
  becomes(() => calls.length > 0, {
    expected: 'the call of the check to come to its server',
    came: 'none',
    advice: 'Run the checks again: this is not for you to mend.',
  });

/** @throws CheckFailure when a call that hangs has ended otherwise than by being cut */
export const expectCancelled = async (call: Promise<string>, advice: string): Promise<void> => {
  const came = await call;
  must(came.startsWith('CANCELLED'), { expected: 'CANCELLED for the call that hangs', came, advice });
};
