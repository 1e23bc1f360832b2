import { createHmac, randomBytes } from 'node:crypto';
import { openDatabase } from './database.ts';
import { otpLimits, waitAfter } from './otp-limits.ts';

const second = 1_000;

/** How many bytes a fingerprint has: those of an HMAC-SHA-256. */
const fingerprintLength = 32;

/** What a try has come to. */
export interface Try {
  /** How many seconds the number has to wait; 0 when the try is spent, and the code may be looked at. */
  wait: number;
  /**
   * The fingerprint of the code that is good now. When there is none, because none was sent, or it has expired, is
   * used up or is taken, these are random bytes: they equal nothing, and comparing takes the same time.
   */
  kept: Buffer;
}

/**
 * Keeps codes and counters of phone numbers. Each method is one transaction, on the disk before it returns: nothing
 * comes in between, neither another call nor another server on the same file. `now` is the time in milliseconds.
 */
export interface OtpStore {
  /**
   * Counts one send to a number, if it may have one.
   *
   * @returns 0 when it is counted; otherwise how many seconds the number has to wait
   */
  claimSend(number: string, now: number): number;
  /**
   * Keeps the fingerprint of a new code. The code before it is worth nothing any more.
   *
   * @throws TypeError when it is no fingerprint of 32 bytes: a code itself is never kept
   */
  keep(number: string, fingerprint: Buffer, now: number): void;
  /** Forgets a code that could not be delivered, unless a newer one has taken its place. */
  withdraw(number: string, fingerprint: Buffer): void;
  /** Spends one of the number's tries, unless it has to wait. A number that was never sent a code is treated alike. */
  spendTry(number: string, now: number): Try;
  /**
   * Takes the code away, so that nobody can use it again, and forgets the number's failures.
   *
   * @param kept - what {@link spendTry} gave
   * @returns true for exactly one caller; false when the code is no longer there
   */
  take(number: string, kept: Buffer): boolean;
  close(): void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS codes (
    number TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    tries INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS codes_by_time ON codes (kept_at);
  CREATE TABLE IF NOT EXISTS sends (number TEXT NOT NULL, sent_at INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS sends_by_number ON sends (number, sent_at);
  CREATE INDEX IF NOT EXISTS sends_by_time ON sends (sent_at);
  CREATE TABLE IF NOT EXISTS failures (
    number TEXT PRIMARY KEY,
    in_a_row INTEGER NOT NULL,
    last_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS failures_by_time ON failures (last_at);
`;

/**
 * Opens the store. In its file there are neither codes nor phone numbers: of both it keeps what an HMAC makes of them.
 * It never needs a number back, and a copy of the file must tell nobody who has asked for a code.
 *
 * @param file - the database's file, or `:memory:`
 * @param key - the server's secret key, with which it writes numbers in its own way
 * @returns the store; close it when the server stops
 * @throws CannotOpenDatabase when the file cannot be used
 */
export const openOtpStore = (file: string, key: Buffer): OtpStore => {
  const database = openDatabase(file, schema);
  // A single Buffer as a parameter would be taken for named parameters by libsql: texts only.
  const nameOf = (number: string): string =>
    createHmac('sha256', key).update(`number ${number}`).digest('hex');
  const atomically = <T>(work: () => T): T => database.transaction(work).immediate() as T;

  const dropCodes = database.prepare('DELETE FROM codes WHERE kept_at <= ?');
  const dropSends = database.prepare('DELETE FROM sends WHERE sent_at <= ?');
  const dropFailures = database.prepare('DELETE FROM failures WHERE last_at <= ?');
  /** Removes what no longer matters, so that the file does not grow for ever. */
  const tidy = (now: number): void => {
    dropCodes.run(now - otpLimits.life);
    dropSends.run(now - otpLimits.window);
    dropFailures.run(now - otpLimits.memory);
  };

  const findFailures = database.prepare('SELECT in_a_row, last_at FROM failures WHERE number = ?');
  /** When the number's last failures let it go on. */
  const freeAfterFailures = (name: string): number => {
    const [row] = findFailures.all(name) as { in_a_row: number; last_at: number }[];
    const wait = row ? waitAfter(row.in_a_row) : 0;
    // Without a wait it is free at once, even for a call whose time was read a moment before that of the last one.
    return row && wait > 0 ? row.last_at + wait : 0;
  };

  const findSends = database.prepare(
    'SELECT sent_at FROM sends WHERE number = ? ORDER BY sent_at DESC LIMIT ?',
  );
  /** When the number's last sends let it have another one. */
  const freeAfterSends = (name: string): number => {
    const times = (findSends.all(name, otpLimits.sends) as { sent_at: number }[]).map(
      ({ sent_at }) => sent_at,
    );
    const last = times[0];
    const firstOfWindow = times[otpLimits.sends - 1];
    return Math.max(
      last === undefined ? 0 : last + otpLimits.pause,
      firstOfWindow === undefined ? 0 : firstOfWindow + otpLimits.window,
    );
  };

  const secondsUntil = (time: number, now: number): number => Math.max(0, Math.ceil((time - now) / second));

  const addSend = database.prepare('INSERT INTO sends (number, sent_at) VALUES (?, ?)');
  const putCode = database.prepare(
    'INSERT OR REPLACE INTO codes (number, fingerprint, kept_at, tries) VALUES (?, ?, ?, 0)',
  );
  const dropCode = database.prepare('DELETE FROM codes WHERE number = ? AND fingerprint = ?');
  const addFailure = database.prepare(`
    INSERT INTO failures (number, in_a_row, last_at) VALUES (?, 1, ?)
    ON CONFLICT (number) DO UPDATE SET in_a_row = in_a_row + 1, last_at = max(last_at, excluded.last_at)`);
  const useTry = database.prepare('UPDATE codes SET tries = tries + 1 WHERE number = ? AND tries < ?');
  const findCode = database.prepare('SELECT fingerprint FROM codes WHERE number = ?');
  const forgetFailures = database.prepare('DELETE FROM failures WHERE number = ?');

  return {
    claimSend: (number, now) =>
      atomically(() => {
        tidy(now);
        const name = nameOf(number);
        // A code that may not be tried yet is of no use, so a number that has to wait gets none.
        const wait = secondsUntil(Math.max(freeAfterSends(name), freeAfterFailures(name)), now);
        if (wait === 0) addSend.run(name, now);
        return wait;
      }),
    keep: (number, fingerprint, now) => {
      if (fingerprint.length !== fingerprintLength) {
        throw new TypeError(
          `The store keeps fingerprints of ${fingerprintLength} bytes, and this has ${fingerprint.length}`,
        );
      }
      putCode.run(nameOf(number), fingerprint.toString('hex'), now);
    },
    withdraw: (number, fingerprint) => {
      dropCode.run(nameOf(number), fingerprint.toString('hex'));
    },
    spendTry: (number, now) =>
      atomically(() => {
        tidy(now);
        const name = nameOf(number);
        const nothing = randomBytes(fingerprintLength);
        const wait = secondsUntil(freeAfterFailures(name), now);
        if (wait > 0) return { wait, kept: nothing };
        // It is a failure until the code has turned out right: who asks many times at once pays many times.
        addFailure.run(name, now);
        const good = useTry.run(name, otpLimits.tries).changes > 0;
        const [code] = (good ? findCode.all(name) : []) as { fingerprint: string }[];
        return { wait, kept: code ? Buffer.from(code.fingerprint, 'hex') : nothing };
      }),
    take: (number, kept) =>
      atomically(() => {
        const name = nameOf(number);
        if (dropCode.run(name, kept.toString('hex')).changes === 0) return false;
        forgetFailures.run(name);
        return true;
      }),
    close: () => {
      database.close();
    },
  };
};
