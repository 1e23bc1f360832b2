import { setTimeout as delay } from 'node:timers/promises';
import type { User__Output } from '#protos/generated/user/User.ts';
import { timestampOf } from '../grpc/timestamp.ts';
import type { Say } from './journal.ts';

/** A database that takes its time, and that can be told to stop. */
export interface Users {
  /**
   * Looks for a user.
   *
   * @param id - which
   * @param over - stops the query when it is aborted
   * @param say - tells how the query goes
   * @returns the user; undefined when there is none
   * @throws AbortError when it was stopped; and what goes wrong in the database
   */
  find(id: string, over: AbortSignal, say: Say): Promise<User__Output | undefined>;
}

/** Each user's name, and how many times longer than usual the query for it takes. */
const known = new Map<string, [name: string, times: number]>([
  ['ada', ['Ada Lovelace', 1]],
  ['grace', ['Grace Hopper', 5]],
]);

/** Whoever looks for this id meets a fault, in words that are for nobody outside. */
const faulty = 'broken';

/**
 * @param queryMs - how long a query takes, in milliseconds
 * @returns a database with two users: `ada`, and `grace`, for whom a query takes five times as long
 */
export const slowUsers = (queryMs: number): Users => ({
  find: async (id, over, say) => {
    say(`looks for ${JSON.stringify(id)}`);
    const [name, times] = known.get(id) ?? [undefined, 1];
    try {
      await delay(queryMs * times, undefined, { signal: over });
    } catch (error) {
      say('stops, and is free for another query');
      throw error;
    }
    if (id === faulty) throw new Error('disk I/O error in /var/lib/users.db, page 4711');
    say(name === undefined ? 'has found nobody' : `has found ${name}`);
    if (name === undefined) return undefined;
    const made = timestampOf(0);
    return { id, name, email: `${id}@example.com`, phone_number: '', create_time: made, update_time: made };
  },
});
