import { randomUUID } from 'node:crypto';
import type { User__Output } from '#protos/generated/user/User.ts';
import { openDatabase, type OpenDatabase } from './database.ts';
import type { UserStore } from './user-store.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS accounts (phone TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE) STRICT;
`;

/**
 * Which user signs in with which phone. The phone number on a user's profile is no answer to that: users write there
 * what they like, and nobody has shown to hold that phone.
 */
export class AccountStore {
  readonly #database: OpenDatabase;
  readonly #users: UserStore;

  /**
   * @param file - the database's file, or `:memory:`
   * @param users - the users, in the same file
   * @throws CannotOpenDatabase when the file cannot be used
   */
  constructor(file: string, users: UserStore) {
    this.#database = openDatabase(file, schema);
    this.#users = users;
  }

  /**
   * Finds the user who signs in with this phone. Who comes for the first time, or was deleted since the last time,
   * gets a new user, with a name and an email to be changed. A server that ends in the middle of this may leave a user
   * that nobody signs in as.
   *
   * @param phone - a number that the caller has just shown to hold, in E.164
   * @returns the user
   */
  userOf(phone: string): User__Output {
    const found = this.#find(phone);
    if (found) return found;
    const made = this.#users.create({
      name: 'New user',
      // A domain that never exists (RFC 2606): no mail goes to a stranger.
      email: `${randomUUID()}@users.invalid`,
      phone_number: phone,
    });
    if (made === 'email taken') throw new Error('An id at random has come twice.');
    const kept = this.#database
      .transaction(() => {
        const quicker = this.#find(phone);
        if (quicker) return quicker;
        this.#database
          .prepare('INSERT OR REPLACE INTO accounts (phone, user_id) VALUES (?, ?)')
          .run(phone, made.id);
        return made;
      })
      .immediate() as User__Output;
    // The same phone has signed in twice at once, on two servers.
    if (kept.id !== made.id) this.#users.delete(made.id);
    return kept;
  }

  close(): void {
    this.#database.close();
  }

  #find(phone: string): User__Output | undefined {
    const [row] = this.#database.prepare('SELECT user_id FROM accounts WHERE phone = ?').all(phone) as {
      user_id: string;
    }[];
    return row && this.#users.get(row.user_id);
  }
}
