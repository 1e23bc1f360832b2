import type { User, User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { Users } from '#shared/hops/slow-users.ts';
import { becomes } from '../time-limits.ts';
import { must } from '../check-failure.ts';
import { calling } from '../peers.ts';
import { printing } from '../captured-output.ts';
import { UserService } from '../users/service.ts';
import { asking, cameTo, type Asking } from './service.ts';

/** A query that has come to a database of the check. */
export interface Query {
  id: string;
  over: AbortSignal | undefined;
  found: (user?: User) => void;
  failed: (error: Error) => void;
}

/** Asks the learner's back. @returns the call, and the query that it has made */
export type Ask = (id: string, patience?: number) => Promise<Asking & { query: Query }>;

/** @returns asks the learner's back, over a database whose queries the check ends */
export const backAtWork = async (
  back: (users: Users) => Pick<UserServiceHandlers, 'GetUser'>,
): Promise<Ask> => {
  printing();
  const queries: Query[] = [];
  const users: Users = {
    find: (id, over) =>
      new Promise<User__Output | undefined>((resolve, reject) => {
        const found = (user?: User): void => resolve(user as User__Output | undefined);
        queries.push({ id, over, found, failed: reject });
        // A signal that is missing is for the check to tell.
        over?.addEventListener?.('abort', () => reject(new Error('the query was stopped')));
      }),
  };
  const stub = await calling(UserService, back(users));
  return async (id, patience) => {
    const call = asking(stub, id, patience === undefined ? {} : { patience });
    await cameTo(queries, queries.length + 1, 'users.find asks the database: call it once.');
    return { ...call, query: queries.at(-1)! };
  };
};

/** @throws CheckFailure unless a query is stopped soon */
export const mustAbort = ({ over }: Query, why: string): Promise<void> =>
  becomes(() => over?.aborted === true, {
    expected: `the query to be stopped when ${why}`,
    came: 'it goes on',
    advice:
      "call.on('cancelled', …) tells of the end, and abort() of an AbortController stops the query that has its signal.",
  });

/** @throws CheckFailure when a query was stopped */
export const mustGoOn = ({ over }: Query, when: string): void =>
  must(!over?.aborted, {
    expected: `a query that goes on ${when}`,
    came: 'it was stopped',
    advice:
      'Each call needs an AbortController of its own, which is aborted by the end of that call alone, and not by the clock.',
  });
