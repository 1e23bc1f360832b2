import { Metadata, status, type sendUnaryData, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import type { GetUserRequest__Output } from '#protos/generated/user/GetUserRequest.ts';
import type { User, User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { becomes } from '../time-limits.ts';
import { inWords, saidBeside, soon } from '../calls.ts';
import { must } from '../check-failure.ts';
import { serving, stubAt } from '../peers.ts';
import { printing } from '../captured-output.ts';
import { UserService } from '../users/service.ts';

type Handlers = Pick<UserServiceHandlers, 'GetUser'>;
type GetUserCall = ServerUnaryCall<GetUserRequest__Output, User>;

/** A call that has come to a server of the check. */
export interface Came {
  id: string;
  metadata: Metadata;
  /** When it has to be answered, in milliseconds since 1970, and how long that was when it came. */
  until: number;
  left: number;
  isOver: () => boolean;
  answer: sendUnaryData<User>;
}

/**
 * Brings up a server of users that the learner did not write.
 *
 * @param onCall - answers a call at once; without it, the check answers later, or never
 * @returns its address, and the calls that come, which become more
 */
export const usersOf = async (onCall?: (came: Came) => void): Promise<{ address: string; calls: Came[] }> => {
  const calls: Came[] = [];
  const handlers: Handlers = {
    GetUser: (call, answer) => {
      const { metadata } = call;
      const until = Number(call.getDeadline());
      const left = until - Date.now();
      const came = { id: call.request.id, metadata, until, left, isOver: () => call.cancelled, answer };
      calls.push(came);
      onCall?.(came);
    },
  };
  return { address: await serving(UserService.service, handlers), calls };
};

/** @returns the user that a server of the check has under an id */
export const userWith = (id: string): User => ({ id, name: `the name of ${id}` });

/** Answers a call that has come to a server of the check. */
export const answered = (came: Came): void => came.answer(null, userWith(came.id));

/** What came of a call: how it has ended, with what was said beside, and the user. */
export interface Asking {
  ended: Promise<{ status: StatusObject; user: User__Output | undefined; beside: string[] }>;
  /** How it has ended, in a word. */
  code: Promise<string>;
  leave(): void;
}

/** Asks for a user, as a client that the learner did not write. `patience` is in milliseconds. */
export const asking = (
  stub: UserServiceClient,
  id: string,
  { patience, requestId, secret }: { patience?: number; requestId?: string; secret?: string } = {},
): Asking => {
  const metadata = new Metadata();
  if (requestId !== undefined) metadata.set('x-request-id', requestId);
  if (secret !== undefined) metadata.set('authorization', secret);
  const options = patience === undefined ? soon(2) : { deadline: Date.now() + patience };
  let beside: string[] = [];
  let leave = (): void => {};
  const ended: Asking['ended'] = new Promise((resolve) => {
    const call = stub.GetUser({ id }, metadata, options, (error, user) => {
      const { code = status.OK, details = '' } = error ?? {};
      // The trailers come with the status, which comes just behind the reply.
      setImmediate(() =>
        resolve({ status: { code, details, metadata: error?.metadata ?? new Metadata() }, user, beside }),
      );
    });
    leave = () => call.cancel();
    beside = saidBeside(call);
  });
  return { ended, code: ended.then(({ status: { code } }) => status[code]!), leave };
};

/** Asks for a user, and demands to get the one of the check's server. */
export const mustGet = async (stub: UserServiceClient, id: string, advice: string): Promise<void> => {
  const { status: end, user } = await asking(stub, id).ended;
  must(user?.id === id, {
    expected: `the user ${JSON.stringify(id)}`,
    came: user ? `the user ${JSON.stringify(user.id)}` : inWords(end),
    // With a deadline that is over, the call of the back ends at once, in a step that may still have to be written.
    advice:
      end.code === status.DEADLINE_EXCEEDED || end.details.includes('is not written yet')
        ? 'Every way has to end in the callback. And a deadline is a point in time: Date.now() plus how long it may take.'
        : advice,
  });
};

/** Waits until a server of the check has got so many calls. */
export const cameTo = (calls: readonly unknown[], count: number, advice: string): Promise<void> =>
  becomes(() => calls.length >= count, {
    expected: `${count} call${count === 1 ? '' : 's'} to come`,
    came: calls.length === 0 ? 'none' : `${calls.length}`,
    advice,
  });

/** Waits until a call of the check's server is over, without an answer and `before` a time, in milliseconds since 1970. */
export const mustStop = async (
  { isOver, until }: Came,
  why: string,
  advice: string,
  before = until - 100,
): Promise<void> => {
  const never = { expected: `the call to end when ${why}`, came: 'it goes on', advice };
  await becomes(() => isOver() || Date.now() > before, never);
  must(isOver() && Date.now() <= before, never);
};

/**
 * @param most - how much time the call has to have left, in milliseconds
 * @param what - the same in words
 * @param spare - how much of it may be gone until it has come, in milliseconds
 * @throws CheckFailure when it has more, or much less
 */
export const mustHaveTime = (
  came: Came | undefined,
  most: number,
  what: string,
  advice: string,
  spare = 1_000,
): void => {
  const { left = 0 } = came ?? {};
  must(left > most - spare && left <= most, {
    expected: `a deadline in ${what}`,
    // What the machine has taken of it is nothing to be told.
    came: left === Infinity ? 'none' : `one in about ${Math.round(left / 500) / 2} seconds`,
    advice,
  });
};

/** The learner's front before a back of the check. */
export interface FrontAtWork {
  stub: UserServiceClient;
  /** The calls that have come to the back. */
  calls: Came[];
  /** Whether each call that has come to the front is over. */
  isOver: (() => boolean)[];
  /** What the front prints. */
  lines: readonly string[];
}

/**
 * @param front - the learner's
 * @param back - the check's back, or where it is
 * @param admit - what the front waits for before it asks the back
 */
export const frontAtWork = async (
  front: (back: UserServiceClient, admit: () => Promise<void>) => Handlers,
  back: { address: string; calls: Came[] },
  admit: () => Promise<void> = () => Promise.resolve(),
): Promise<FrontAtWork> => {
  const lines = printing();
  const handlers = front(stubAt(UserService, back.address), admit);
  const isOver: (() => boolean)[] = [];
  const noting = {
    GetUser: (call: GetUserCall, callback: sendUnaryData<User>) => {
      isOver.push(() => call.cancelled);
      return handlers.GetUser(call, callback);
    },
  };
  const stub = stubAt(UserService, await serving(UserService.service, noting as Handlers));
  return { stub, calls: back.calls, isOver, lines };
};

/** Waits until somebody who works on a call has printed something about it. */
export const mustBeTold = (
  lines: readonly string[],
  requestId: string,
  who: string,
  what: string,
  advice: string,
): Promise<void> => {
  const begin = `${requestId.slice(-8)}  ${who} `;
  return becomes(() => lines.some((line) => line.startsWith(begin) && line.includes(what)), {
    expected: `a line of the ${who} with "${what}"`,
    came: lines.find((line) => line.includes(what)) ?? 'none',
    advice,
  });
};

/** @throws CheckFailure unless the call of a client that was told to leave before it called is cancelled */
export const mustHaveLeft = async (call: Promise<unknown>): Promise<void> => {
  const end = await call.then(
    () => 'OK',
    (error: unknown) => (isServiceError(error) ? inWords(error) : String(error)),
  );
  must(end.startsWith('CANCELLED'), {
    expected: 'CANCELLED for a client that was told to leave before it called',
    came: end,
    advice: 'The event has been, and comes only once: leaving.aborted tells.',
  });
};
