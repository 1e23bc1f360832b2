import { randomUUID } from 'node:crypto';
import type { User__Output } from '#protos/generated/user/User.ts';
import { pageTokens, type PageTokens } from '../grpc/page-token.ts';
import { timestampOf } from '../grpc/timestamp.ts';
import { isTaken, openDatabase, type OpenDatabase } from './database.ts';
import type { UserField } from './user-rules.ts';

// The driver reads a text only up to its first NUL character, but all of its bytes.
const columns = 'place, id, CAST(name AS BLOB) AS name, email, phone_number, create_time, update_time';

// AUTOINCREMENT never gives a number again, and SQLite has one writer at a time: whoever is made later, by whichever
// server, has a higher place. Times are milliseconds since 1970. What is read at the end fails where tables of these
// names keep something else.
const schema = `
  CREATE TABLE IF NOT EXISTS users (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    phone_number TEXT NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS page_token_key (key BLOB NOT NULL);
  INSERT INTO page_token_key SELECT randomblob(32) WHERE NOT EXISTS (SELECT * FROM page_token_key);
  SELECT ${columns}, email_key, key FROM users, page_token_key LIMIT 0;
`;

interface Row {
  place: number;
  id: string;
  name: ArrayBuffer;
  email: string;
  phone_number: string;
  create_time: number;
  update_time: number;
}

const userOf = ({ id, name, email, phone_number, create_time, update_time }: Row): User__Output => ({
  id,
  name: Buffer.from(name).toString(),
  email,
  phone_number,
  create_time: timestampOf(create_time),
  update_time: timestampOf(update_time),
});

/**
 * What makes two emails the same: upper and lower case do not count. SQLite's own NOCASE knows only the letters of
 * ASCII. A letter may be written as one character or as two, ü or u with two dots: NFC makes one of them. Lower case
 * alone would tell σ from ς, which both have the upper case Σ.
 */
const keyOf = (email: string): string => email.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');

/** The values that a caller gives to a user. */
export type UserValues = Record<UserField, string>;

/** One page of the list. */
export interface Page {
  users: User__Output[];
  /** Asks for the page after it; empty when this is the last one. */
  next_page_token: string;
}

// On the right of each = stands what was there before. A null leaves it so. The update time moves when something has
// really changed, and never back, even when the clock is set back.
const statementsOn = (database: OpenDatabase) => ({
  create: database.prepare(`
    INSERT INTO users (id, name, email, email_key, phone_number, create_time, update_time)
    VALUES (:id, :name, :email, :email_key, :phone_number, :now, :now)`),
  get: database.prepare(`SELECT ${columns} FROM users WHERE id = :id`),
  update: database.prepare(`
    UPDATE users SET
      name = coalesce(:name, name),
      email = coalesce(:email, email),
      email_key = coalesce(:email_key, email_key),
      phone_number = coalesce(:phone_number, phone_number),
      update_time = iif(
        coalesce(:name, name) = name AND coalesce(:email, email) = email
          AND coalesce(:phone_number, phone_number) = phone_number,
        update_time, max(update_time, :now))
    WHERE id = :id`),
  delete: database.prepare('DELETE FROM users WHERE id = :id'),
  page: database.prepare(`SELECT ${columns} FROM users WHERE place > :after ORDER BY place LIMIT :limit`),
});

/**
 * The users in a database, as the contract's messages. It knows nothing of calls and their status: it says what is so.
 * Every method happens as a whole or not at all, whatever other servers do at the same time.
 * What callers send goes into a statement only as the value of a parameter, never as part of its text.
 */
export class UserStore {
  readonly #database: OpenDatabase;
  readonly #now: () => number;
  readonly #tokens: PageTokens;
  readonly #statements: ReturnType<typeof statementsOn>;

  /**
   * @param file - where the users are kept; `:memory:` forgets them at the end
   * @param now - the time, in milliseconds since 1970
   * @throws CannotOpenDatabase when the file cannot be used, is no database, or keeps something else
   */
  constructor(file: string, now: () => number = Date.now) {
    this.#database = openDatabase(file, schema);
    this.#now = now;
    this.#statements = statementsOn(this.#database);
    const [row] = this.#database.prepare('SELECT key FROM page_token_key').all() as { key: ArrayBuffer }[];
    this.#tokens = pageTokens(Buffer.from(row!.key));
  }

  /**
   * Makes a user with an id of its own.
   *
   * @param values - checked values
   * @returns the user; or `email taken`
   */
  create(values: UserValues): User__Output | 'email taken' {
    const { name, email, phone_number } = values;
    const now = this.#now();
    const made = { id: randomUUID(), name, email, phone_number };
    try {
      this.#statements.create.run({ ...made, email_key: keyOf(email), now });
      return { ...made, create_time: timestampOf(now), update_time: timestampOf(now) };
    } catch (error) {
      if (isTaken(error)) return 'email taken';
      throw error;
    }
  }

  /** @returns the user with this id; undefined when there is none */
  get(id: string): User__Output | undefined {
    const [row] = this.#statements.get.all({ id }) as Row[];
    return row && userOf(row);
  }

  /**
   * Changes a user.
   *
   * @param id - which
   * @param values - checked values of the fields to change; the others stay as they are
   * @returns the user as it is now; undefined when there is none; or `email taken`
   */
  update(id: string, values: Partial<UserValues>): User__Output | 'email taken' | undefined {
    const { name = null, email = null, phone_number = null } = values;
    const email_key = email === null ? null : keyOf(email);
    const changed = { id, name, email, email_key, phone_number, now: this.#now() };
    // Nobody writes between the two statements: what is returned is what this change has made.
    const change = this.#database.transaction(() => {
      this.#statements.update.run(changed);
      return this.get(id);
    });
    try {
      return change.immediate();
    } catch (error) {
      if (isTaken(error)) return 'email taken';
      throw error;
    }
  }

  /** @returns whether there was such a user; it is gone now */
  delete(id: string): boolean {
    return this.#statements.delete.run({ id }).changes > 0;
  }

  /**
   * Reads the users in the order in which they were made. A page begins behind the last user of the page before: users
   * that are made or deleted between two pages neither shift the others nor bring one twice.
   *
   * @param size - how many users at most, from 1 on
   * @param token - the next_page_token of the page before; empty for the first page
   * @returns the page; undefined when nobody has given out this token
   */
  page(size: number, token: string): Page | undefined {
    const after = token === '' ? 0 : this.#tokens.read(token);
    if (after === undefined) return undefined;
    // One more than asked for tells whether there is a next page.
    const rows = this.#statements.page.all({ after, limit: size + 1 }) as Row[];
    const shown = rows.slice(0, size);
    const last = rows.length > size ? shown.at(-1) : undefined;
    return { users: shown.map(userOf), next_page_token: last ? this.#tokens.after(last.place) : '' };
  }

  close(): void {
    this.#database.close();
  }
}
