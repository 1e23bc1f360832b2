import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CannotOpenDatabase } from './database.ts';

/** The environment variable that holds the key, where no file shall. */
export const keyVariable = 'OTP_KEY';

/** A key for HMAC-SHA-256 is as long as what it makes, in bytes (RFC 2104, section 3). */
const keyLength = 32;

/** @returns the key that the text holds, or undefined when it is not 32 bytes in base64 */
const keyIn = (text: string): Buffer | undefined => {
  const key = Buffer.from(text.trim(), 'base64');
  // Node reads whatever it can as base64, so the way back shows whether it was.
  return key.length === keyLength && key.toString('base64') === text.trim() ? key : undefined;
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Makes a file that only its owner may read, unless it is there. Whoever sees it, sees all of it. */
const makeOnce = (file: string, text: string): void => {
  const whole = `${file}.${randomUUID()}`;
  try {
    writeFileSync(whole, text, { mode: 0o600, flag: 'wx', flush: true });
    // Of two servers that start at once, one gets the name. The other one finds it taken, and reads what is there.
    linkSync(whole, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(whole, { force: true });
  }
};

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const keyFrom = (file: string): Buffer => {
  let text: string | undefined;
  try {
    text = textOf(file);
    if (text === undefined) {
      mkdirSync(path.dirname(file), { recursive: true });
      makeOnce(file, `${randomBytes(keyLength).toString('base64')}\n`);
      text = readFileSync(file, 'utf8');
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotOpenDatabase(
      `The server's secret key cannot be kept in ${file} (${why}). The environment variable ${keyVariable} can hold it instead: ${keyLength} random bytes in base64.`,
    );
  }
  const key = keyIn(text);
  if (key) return key;
  throw new CannotOpenDatabase(
    `${file} is damaged: it should hold the server's secret key, ${keyLength} bytes in base64. Bring it back from a copy. Without it nothing in the database beside it can be read, so you may as well delete both.`,
  );
};

/**
 * The server's secret key. It is made at random on the first start, and kept beside the database: what was made with
 * it survives a restart only together with it. It is in the environment variable `OTP_KEY` instead, when that is set.
 *
 * @param database - the file of the database; the key is in the file of that name with `.key` behind it, readable for
 * its owner alone. For `:memory:` it is kept nowhere.
 * @returns 32 bytes; the same ones for every server that uses this database
 * @throws CannotOpenDatabase when the key is damaged, or cannot be kept
 */
export const secretKey = (database: string): Buffer => {
  const given = process.env[keyVariable];
  if (given !== undefined && given !== '') {
    const key = keyIn(given);
    if (key) return key;
    throw new CannotOpenDatabase(
      `The environment variable ${keyVariable} should hold the server's secret key: ${keyLength} bytes in base64, 44 characters.`,
    );
  }
  return database === ':memory:' ? randomBytes(keyLength) : keyFrom(`${path.resolve(database)}.key`);
};
