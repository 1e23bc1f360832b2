import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/temp-folder.ts';
import { CannotOpenDatabase } from './cannot-open-database.ts';
import { newSecret, readSecrets, replaceSecrets, type SecretPlace } from './secret-file.ts';

/** What happens just before a file gets its name: another server may be quicker. */
const before = vi.hoisted(() => ({ link: (_from: string, _to: string): void => {} }));
vi.mock('node:fs', async (original) => {
  const own = await original<typeof fs>();
  const linkSync = (from: string, to: string): void => {
    before.link(from, to);
    own.linkSync(from, to);
  };
  return { ...own, linkSync };
});

afterEach(() => {
  before.link = () => {};
  vi.unstubAllEnvs();
});

const placed = (): SecretPlace & { file: string } => ({
  variable: 'MY_SECRETS',
  file: path.join(tempFolder(), 'secrets'),
  what: 'the secrets',
  whenDamaged: 'Delete it.',
});
const text = (...secrets: Buffer[]): string => secrets.map((secret) => secret.toString('base64')).join(' ');
const failure = (act: () => unknown): Error => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
};

describe('a file of secrets', () => {
  it('is only read when it is there: nothing is written beside it', () => {
    const place = placed();
    const secrets = readSecrets(place);
    const long = new Date(2001, 0, 1);
    utimesSync(path.dirname(place.file), long, long);
    expect(readSecrets(place)).toEqual(secrets);
    expect(statSync(path.dirname(place.file)).mtime).toEqual(long);
  });

  it('may hold several, with any white space between them', () => {
    const place = placed();
    const secrets = [newSecret(), newSecret(), newSecret()];
    const [one, two, three] = secrets.map((secret) => text(secret));
    writeFileSync(place.file, `\n ${one}\r\n${two}  \t${three}\n\n`);
    expect(readSecrets(place)).toEqual(secrets);
  });

  it('is damaged when one of them is', () => {
    const place = placed();
    // The same bytes to a generous reader, and not what was written.
    for (const bad of ['c2VjcmV0', text(newSecret()).replace('=', '')]) {
      for (const words of [`${bad} ${text(newSecret())}`, `${text(newSecret())} ${bad}`]) {
        writeFileSync(place.file, words);
        expect(() => readSecrets(place)).toThrow(/is damaged: it should hold the secrets, .* Delete it\.$/);
      }
    }
  });

  it('is that of another server which was quicker', () => {
    const place = placed();
    const secret = newSecret();
    before.link = (_from, to) => writeFileSync(to, text(secret));
    expect(readSecrets(place)).toEqual([secret]);
    expect(readdirSync(path.dirname(place.file))).toEqual(['secrets']);
  });

  it('says so when it cannot be made, and leaves nothing behind', () => {
    const place = placed();
    before.link = () => {
      throw Object.assign(new Error('links are not known here'), { code: 'ENOTSUP' });
    };
    const failed = failure(() => readSecrets(place));
    expect(failed).toBeInstanceOf(CannotOpenDatabase);
    expect(failed.name).toBe('CannotOpenDatabase');
    expect(failed.message).toBe(
      `The secrets cannot be kept in ${place.file}: links are not known here. The environment variable MY_SECRETS can hold it instead: 32 random bytes in base64.`,
    );
    expect(readdirSync(path.dirname(place.file))).toEqual([]);
  });

  it('can be replaced as a whole', () => {
    const place = placed();
    readSecrets(place);
    const others = [newSecret(), newSecret()];
    replaceSecrets(place, others);
    expect(readSecrets(place)).toEqual(others);
    expect(readFileSync(place.file, 'utf8')).toBe(`${text(others[0]!)}\n${text(others[1]!)}\n`);
    expect(readdirSync(path.dirname(place.file))).toEqual(['secrets']);
  });

  it('says so when it cannot be replaced, and leaves nothing behind', () => {
    const place = placed();
    mkdirSync(place.file);
    writeFileSync(path.join(place.file, 'in the way'), '');
    expect(() => replaceSecrets(place, [newSecret()])).toThrow(CannotOpenDatabase);
    expect(readdirSync(path.dirname(place.file))).toEqual(['secrets']);
  });
});

describe('secrets in the environment', () => {
  it('count before those in the file', () => {
    const place = placed();
    const secrets = [newSecret(), newSecret()];
    vi.stubEnv('MY_SECRETS', text(...secrets));
    expect(readSecrets(place)).toEqual(secrets);
    expect(readdirSync(path.dirname(place.file))).toEqual([]);
  });

  it('are none when the variable is empty', () => {
    const place = placed();
    vi.stubEnv('MY_SECRETS', '');
    expect(readSecrets(place)).toHaveLength(1);
    expect(readdirSync(path.dirname(place.file))).toEqual(['secrets']);
  });
});
