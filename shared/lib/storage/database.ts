import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { fileProblem } from './file-errors.ts';
import { CannotOpenDatabase } from './database-errors.ts';

/** How long a write waits for another process that is writing to the same file, in milliseconds. */
const lockTimeoutMs = 5_000;

/** How long to wait before trying again where SQLite does not wait by itself, in milliseconds. */
const pause = 10;

/**
 * Tries again while another process is in the way. Changing the journal mode is refused at once, whatever the timeout,
 * when another process does the same: two servers may start at the same moment on a new file.
 */
const patiently = (act: () => void): void => {
  for (const until = Date.now() + lockTimeoutMs; ;) {
    try {
      act();
      return;
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
};

/** Runs the schema under the lock, whole or not at all. What it fails with is thrown as it is: libsql's own transactions hide it. */
const inOneStep = (database: Database.Database, schema: string): void => {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(schema);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/** What each of SQLite's results means for the person who starts a server. See https://sqlite.org/rescode.html */
const meanings: readonly [RegExp, string][] = [
  [/^SQLITE_FULL/, 'cannot grow: the disk is full'],
  [/^SQLITE_IOERR/, 'cannot be read or written; the disk may be full, or the size of files limited'],
  [/^SQLITE_(?:READONLY|PERM|AUTH)/, 'can only be read; it, or its folder, may not be yours to write to'],
  [/^SQLITE_NOTADB/, 'is no database: another kind of file has this name'],
  [/^SQLITE_CORRUPT/, 'is damaged'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'is kept locked by another program'],
  [
    /^SQLITE_CANTOPEN|local database .*: 14/,
    'cannot be opened; it may be a folder, or not yours to write to',
  ],
];

const whyNotOpened = (error: unknown): string => {
  const { code = '', message } = error as { code?: string; message: string };
  const meaning = meanings.find(([pattern]) => pattern.test(code) || pattern.test(message))?.[1];
  if (meaning !== undefined) return meaning;
  if (code === 'SQLITE_ERROR') return `keeps something else than this service (${message})`;
  // A folder on its way: the system's own word.
  return `cannot be opened: ${fileProblem(error)}`;
};

/**
 * An open SQLite database. Write with `run` alone, and read with `all`: a statement that writes and returns rows
 * (`RETURNING`), once it was refused because a value was taken or another process was writing, goes on with what it was
 * given then, or reports rows that it has not written. This was seen with libsql 0.5.29.
 */
export type OpenDatabase = Database.Database;

/**
 * Opens a SQLite database in a file, and makes both when they are not there yet. What a transaction has committed
 * survives the end of the process, whatever ends it; several processes may use one file at the same time.
 *
 * @param file - where it is kept; `:memory:` keeps it in this process alone, and forgets it at the end
 * @param schema - SQL that makes what is missing and leaves alone what is there (`CREATE TABLE IF NOT EXISTS …`). When
 *   it fails because the tables that are there have other columns, the file stays as it was.
 * @param flag - the flag with which a person names another file
 * @returns the database; close it when the server stops
 * @throws CannotOpenDatabase when the file cannot be used, is no database, or keeps something else
 */
export const openDatabase = (file: string, schema: string, flag = '--db'): OpenDatabase => {
  let database: OpenDatabase | undefined;
  try {
    if (file !== ':memory:') mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    const opening = new Database(file, { timeout: lockTimeoutMs });
    database = opening;
    opening.pragma('synchronous = FULL');
    // Two servers may start at once: the lock is taken before either looks at what is missing. It comes first of all:
    // the database of another program, which the schema does not fit, is left as it was.
    inOneStep(opening, schema);
    // Readers do not wait for a writer, and a commit is on the disk before it returns. See https://sqlite.org/wal.html
    patiently(() => opening.pragma('journal_mode = WAL'));
    return opening;
  } catch (error) {
    database?.close();
    throw new CannotOpenDatabase(`The database ${file} ${whyNotOpened(error)}. ${flag} names another one.`);
  }
};

/**
 * @param error - whatever a statement threw
 * @returns whether it was refused because a value must be unique and is taken
 */
export const isTaken = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE';
