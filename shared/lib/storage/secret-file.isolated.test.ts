import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/temp-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
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

let place: SecretPlace & { file: string };
const besideIt = (): string[] => readdirSync(path.dirname(place.file));
beforeEach(() => {
  place = {
    variable: 'MY_SECRETS',
    file: path.join(tempFolder(), 'secrets'),
    what: 'the secrets',
    whenDamaged: 'Delete it.',
  };
});
const text = (...secrets: Buffer[]): string => secrets.map((secret) => secret.toString('base64')).join(' ');

describe('a file of secrets', () => {
  it('is only read when it is there: nothing is written beside it', () => {
    const secrets = readSecrets(place);
    const long = new Date(2001, 0, 1);
    utimesSync(path.dirname(place.file), long, long);
    expect(readSecrets(place)).toEqual(secrets);
    expect(statSync(path.dirname(place.file)).mtime).toEqual(long);
  });

  it('may hold several, with any white space between them', () => {
    const secrets = [newSecret(), newSecret(), newSecret()];
    const [one, two, three] = secrets.map((secret) => text(secret));
    writeFileSync(place.file, `\n ${one}\r\n${two}  \t${three}\n\n`);
    expect(readSecrets(place)).toEqual(secrets);
  });

  it('is damaged when one of them is', () => {
    // The same bytes to a generous reader, and not what was written.
    for (const bad of ['c2VjcmV0', text(newSecret()).replace('=', '')]) {
      for (const words of [`${bad} ${text(newSecret())}`, `${text(newSecret())} ${bad}`]) {
        writeFileSync(place.file, words);
        expect(() => readSecrets(place)).toThrow(/is damaged: it should hold the secrets, .* Delete it\.$/);
      }
    }
  });

  it('is that of another server which was quicker', () => {
    const secret = newSecret();
    before.link = (_from, to) => writeFileSync(to, text(secret));
    expect(readSecrets(place)).toEqual([secret]);
    expect(besideIt()).toEqual(['secrets']);
  });

  it('says so when it cannot be made, and leaves nothing behind', () => {
    before.link = () => {
      throw Object.assign(new Error('links are not known here'), { code: 'ENOTSUP' });
    };
    const failed = thrownBy(() => readSecrets(place));
    expect(failed).toBeInstanceOf(CannotOpenDatabase);
    expect(failed.name).toBe('CannotOpenDatabase');
    expect(failed.message).toBe(
      `The secrets cannot be kept in ${place.file}: links are not known here. The environment variable MY_SECRETS can hold it instead: 32 random bytes in base64.`,
    );
    expect(besideIt()).toEqual([]);
  });

  it('can be replaced as a whole', () => {
    readSecrets(place);
    const others = [newSecret(), newSecret()];
    replaceSecrets(place, others);
    expect(readSecrets(place)).toEqual(others);
    expect(readFileSync(place.file, 'utf8')).toBe(`${text(others[0]!)}\n${text(others[1]!)}\n`);
    expect(besideIt()).toEqual(['secrets']);
  });

  it('says so when it cannot be replaced, and leaves nothing behind', () => {
    mkdirSync(place.file);
    writeFileSync(path.join(place.file, 'in the way'), '');
    expect(() => replaceSecrets(place, [newSecret()])).toThrow(CannotOpenDatabase);
    expect(besideIt()).toEqual(['secrets']);
  });
});

describe('secrets in the environment', () => {
  it('count before those in the file', () => {
    const secrets = [newSecret(), newSecret()];
    vi.stubEnv('MY_SECRETS', text(...secrets));
    expect(readSecrets(place)).toEqual(secrets);
    expect(besideIt()).toEqual([]);
  });

  it('are none when the variable is empty', () => {
    vi.stubEnv('MY_SECRETS', '');
    expect(readSecrets(place)).toHaveLength(1);
    expect(besideIt()).toEqual(['secrets']);
  });
});
