import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { SigningKeys } from './signing-keys.ts';
import { NotIdentified } from './tokens.ts';

let database: string;
const beside = (): string[] => readdirSync(path.dirname(database));
beforeEach(() => {
  database = path.join(tempFolder(), 'accounts.db');
});
afterEach(() => vi.unstubAllEnvs());

/** Rotates the keys three times. @returns the names of all four */
const rotated = (keys: SigningKeys): string[] => [
  keys.newest.kid,
  ...[1, 2, 3].map(() => {
    keys.rotate();
    return keys.newest.kid;
  }),
];
const known = (keys: SigningKeys, kids: string[]): boolean[] =>
  kids.map((kid) => keys.find(kid) !== undefined);

describe('SigningKeys', () => {
  it.skipIf(process.platform === 'win32')('may be read by its owner alone, also after a rotation', () => {
    const keys = new SigningKeys(database);
    const mode = (): string => (statSync(`${database}.token-keys`).mode & 0o777).toString(8);
    expect(mode()).toBe('600');
    keys.rotate();
    expect(mode()).toBe('600');
  });

  it('signs with a new key after a rotation, and keeps the two before it', () => {
    const keys = new SigningKeys(database);
    const kids = rotated(keys);
    expect(new Set(kids).size).toBe(4);
    for (const own of [keys, new SigningKeys(database)]) {
      expect(known(own, kids)).toEqual([false, true, true, true]);
    }
    expect(beside()).toEqual(['accounts.db.token-keys']);
  });

  it('finds the new key of another server, and looks for it once a second at most', () => {
    let now = 0;
    const here = new SigningKeys(database, () => now);
    const there = new SigningKeys(database);
    const old = here.newest.kid;
    there.rotate();
    const { kid } = there.newest;
    expect(here.find(kid)).toBeUndefined();
    now += 999;
    expect(here.find(kid)).toBeUndefined();
    now += 1;
    expect(here.find(kid)?.kid).toBe(kid);
    expect(here.newest.kid).toBe(kid);
    expect(here.find(old)?.kid).toBe(old);
  });

  it.each([undefined, '', '__proto__', 'constructor', 7, {}])('finds nothing for the name %o', (kid) => {
    const keys = new SigningKeys(':memory:');
    expect(keys.find(kid)).toBeUndefined();
    expect(() => keys.keyFor({ kid: kid as string })).toThrow(
      new NotIdentified('the token names no key that is known here'),
    );
  });

  it('gives the public half to whoever checks a token', () => {
    const keys = new SigningKeys(':memory:');
    const { kid, publicKey } = keys.newest;
    expect(kid).toMatch(/^[\w-]{16}$/);
    expect(keys.keyFor({ kid }).equals(publicKey)).toBe(true);
    expect(publicKey.type).toBe('public');
  });

  it('are kept in no file for a database in memory, and can be rotated there', () => {
    let now = 0;
    const keys = new SigningKeys(':memory:', () => now);
    const kids = rotated(keys);
    // There is nowhere to look for a key that is not known: those that are there stay.
    now += 1_000;
    expect(known(keys, kids)).toEqual([false, true, true, true]);
    expect(existsSync(':memory:.token-keys')).toBe(false);
  });

  it('takes several keys from the environment, the newest first, and leaves them to whoever has set them', () => {
    const secrets = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    vi.stubEnv('TOKEN_KEYS', secrets[1]);
    const { kid: old } = new SigningKeys(':memory:').newest;
    vi.stubEnv('TOKEN_KEYS', secrets.join(' '));
    const keys = new SigningKeys(database);
    expect(keys.newest.kid).not.toBe(old);
    expect(keys.find(old)?.kid).toBe(old);
    expect(beside()).toEqual([]);
    expect(() => keys.rotate()).toThrow(/environment variable TOKEN_KEYS/);
  });
});
