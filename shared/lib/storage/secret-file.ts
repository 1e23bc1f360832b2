import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileProblem } from './file-errors.ts';
import { CannotOpenDatabase } from './database-errors.ts';
import { writeWhole } from './atomic-write.ts';

/** How long a secret is, in bytes: what HMAC-SHA-256 makes (RFC 2104, section 3), and a private key of Ed25519. */
const secretLength = 32;

/** Where a server's secrets are, and what to call them when something is wrong. */
export interface SecretPlace {
  /** The environment variable that holds them, where no file shall. */
  variable: string;
  /** The file; undefined keeps them nowhere. */
  file: string | undefined;
  /** What they are, for example `the server's secret key`. */
  what: string;
  /** What to do when the file is damaged, as sentences. */
  whenDamaged: string;
}

/** @returns a new secret, at random */
export const newSecret = (): Buffer => randomBytes(secretLength);

/** @returns the secrets that the text holds; undefined when it holds none, or one is not 32 bytes in base64 */
const secretsIn = (text: string): Buffer[] | undefined => {
  const words = text.trim().split(/\s+/);
  const secrets = words.map((word) => Buffer.from(word, 'base64'));
  // Node reads whatever it can as base64, so the way back shows whether it was.
  const good = secrets.every(
    (secret, index) => secret.length === secretLength && secret.toString('base64') === words[index],
  );
  return good ? secrets : undefined;
};

/** Writes secrets into a file that only its owner may read. */
const write = (file: string, secrets: readonly Buffer[], once = false): void => {
  const text = secrets.map((secret) => `${secret.toString('base64')}\n`).join('');
  writeWhole(file, text, { mode: 0o600, once });
};

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const reasonable = <T>({ file, variable, what }: SecretPlace, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    throw new CannotOpenDatabase(
      `${what[0]!.toUpperCase()}${what.slice(1)} cannot be kept in ${file}: ${fileProblem(error)}. The environment variable ${variable} can hold it instead: ${secretLength} random bytes in base64.`,
    );
  }
};

/** @returns whether the secrets are in the environment, and no file counts */
export const inEnvironment = ({ variable }: SecretPlace): boolean =>
  process.env[variable] !== undefined && process.env[variable] !== '';

/**
 * Reads a server's secrets. The first one is made at random on the first start, in a file that only its owner may
 * read. They are in an environment variable instead, when that is set. Several have white space between them.
 *
 * @param place - where they are
 * @returns them, one or more, each of 32 bytes; the same ones for every server with the same file
 * @throws CannotOpenDatabase when they are damaged, or cannot be kept
 */
export const readSecrets = (place: SecretPlace): Buffer[] => {
  const { variable, file, what, whenDamaged } = place;
  if (inEnvironment(place)) {
    const given = secretsIn(process.env[variable]!);
    if (given) return given;
    throw new CannotOpenDatabase(
      `The environment variable ${variable} should hold ${what}: ${secretLength} bytes in base64, 44 characters.`,
    );
  }
  if (file === undefined) return [newSecret()];
  const text = reasonable(place, () => {
    const there = readIfThere(file);
    if (there !== undefined) return there;
    mkdirSync(path.dirname(file), { recursive: true });
    // Of two servers that start at once, the slower one reads what the other has made.
    write(file, [newSecret()], true);
    return readFileSync(file, 'utf8');
  });
  const secrets = secretsIn(text);
  if (secrets) return secrets;
  throw new CannotOpenDatabase(
    `${file} is damaged: it should hold ${what}, ${secretLength} bytes in base64. ${whenDamaged}`,
  );
};

/**
 * Puts other secrets in the place of those in the file. Whoever reads it meanwhile gets the old ones or the new ones.
 *
 * @throws CannotOpenDatabase when they cannot be kept
 */
export const replaceSecrets = (place: SecretPlace & { file: string }, secrets: readonly Buffer[]): void =>
  reasonable(place, () => write(place.file, secrets));
