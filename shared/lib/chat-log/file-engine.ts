import { statSync } from 'node:fs';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { CannotOpenDatabase } from '../storage/database-errors.ts';
import { openDatabase, type OpenDatabase } from '../storage/database.ts';
import { idleMs, type Ends, type Engine, type Entry } from './chat-log.ts';

/** How often a file is looked at for what other servers have written, in milliseconds. */
const pollMs = 20;

/** How many messages are read at once by whoever follows. */
const most = 500;

// The driver reads a text only up to its first NUL character, but all of its bytes. A position is the row's number,
// which SQLite makes one higher than the highest: there is no gap.
const schema = `
  CREATE TABLE IF NOT EXISTS chat_log (
    position INTEGER PRIMARY KEY,
    user_name BLOB NOT NULL,
    text BLOB NOT NULL
  );
  SELECT position, user_name, text FROM chat_log LIMIT 0;
`;

interface Row {
  position: number;
  user_name: ArrayBuffer;
  text: ArrayBuffer;
}

interface Pending {
  message: Message__Output;
  resolve: (position: number) => void;
  reject: (error: unknown) => void;
}

const statementsOn = (database: OpenDatabase) => ({
  append: database.prepare('INSERT INTO chat_log (user_name, text) VALUES (:user_name, :text)'),
  trim: database.prepare(
    'DELETE FROM chat_log WHERE position <= (SELECT max(position) FROM chat_log) - :keep',
  ),
  ends: database.prepare('SELECT min(position) AS oldest, max(position) AS newest FROM chat_log'),
  entries: database.prepare(
    'SELECT position, user_name, text FROM chat_log WHERE position > :after ORDER BY position LIMIT :most',
  ),
});

/** A log in a SQLite database, which the servers of one machine have open together. */
export class FileEngine implements Engine {
  readonly #file: string;
  readonly #keep: number;
  readonly #database: OpenDatabase;
  readonly #statements: ReturnType<typeof statementsOn>;
  readonly #inode: bigint;
  #pending: Pending[] = [];
  #wake = (): void => {};

  /**
   * @param file - where it is kept
   * @param keep - how many messages it keeps; older ones are trimmed away
   * @throws CannotOpenDatabase when the file cannot be used or shared, is no database, or keeps something else
   */
  constructor(file: string, keep: number) {
    this.#file = file;
    this.#keep = keep;
    this.#database = openDatabase(file, schema, '--log');
    this.#statements = statementsOn(this.#database);
    try {
      this.#inode = this.#inodeNow();
    } catch {
      this.#database.close();
      throw new CannotOpenDatabase(
        `"${file}" is no file that several servers can share: --log takes one, such as chat.db, or redis://127.0.0.1:6379.`,
      );
    }
  }

  #inodeNow(): bigint {
    return statSync(this.#file, { bigint: true }).ino;
  }

  /** A file that was moved away can still be written to, and nobody else would see it. */
  #mustBeThere(): void {
    if (this.#inodeNow() !== this.#inode) throw new Error(`${this.#file} is another file now`);
  }

  append(message: Message__Output): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ message, resolve, reject });
      // What comes in the same turn is written at once: the disk is asked to keep it only once.
      if (this.#pending.length === 1) setImmediate(() => this.#commit());
    });
  }

  #commit(): void {
    const pending = this.#pending.splice(0);
    try {
      this.#mustBeThere();
      const positions = this.#inOneStep(() =>
        pending.map(({ message: { user_name, text } }) => {
          const row = { user_name: Buffer.from(user_name), text: Buffer.from(text) };
          return Number(this.#statements.append.run(row).lastInsertRowid);
        }),
      );
      // Whoever reads from now on has to find it.
      this.#mustBeThere();
      for (const [index, { resolve }] of pending.entries()) resolve(positions[index]!);
      this.#wake();
    } catch (error) {
      for (const { reject } of pending) reject(error);
    }
  }

  #inOneStep<T>(write: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const written = write();
      this.#statements.trim.run({ keep: this.#keep });
      this.#database.exec('COMMIT');
      return written;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async ends(): Promise<Ends> {
    this.#mustBeThere();
    const [row] = this.#statements.ends.all() as { oldest: number | null; newest: number | null }[];
    return { oldest: row!.oldest ?? 1, newest: row!.newest ?? 0 };
  }

  async entries(after: number, count: number): Promise<Entry[]> {
    this.#mustBeThere();
    const rows = this.#statements.entries.all({ after, most: count }) as Row[];
    return rows.map(({ position, user_name, text }) => ({
      position,
      message: { user_name: Buffer.from(user_name).toString(), text: Buffer.from(text).toString() },
    }));
  }

  async next(after: number, over: AbortSignal): Promise<Entry[]> {
    for (const until = performance.now() + idleMs; !over.aborted && performance.now() < until;) {
      const entries = await this.entries(after, most);
      if (entries.length > 0) return entries;
      await this.#nap(over);
    }
    return [];
  }

  /** Waits a little, or until this server itself has written. */
  #nap(over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        over.removeEventListener('abort', done);
        this.#wake = () => {};
        resolve();
      };
      // A log keeps no process alive: its servers do.
      const timer = setTimeout(done, pollMs).unref();
      over.addEventListener('abort', done);
      this.#wake = done;
    });
  }

  async close(): Promise<void> {
    try {
      // Closed, a file that is not in its place would take along what belongs to the one that is.
      this.#mustBeThere();
    } catch {
      return;
    }
    this.#database.close();
  }
}
