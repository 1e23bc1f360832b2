import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { CannotOpenDatabase } from './database-errors.ts';
import { newSecret, readSecrets, replaceSecrets, type SecretPlace } from './secret-file.ts';
import { secretKey } from './secret-key.ts';

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
  it('is made once, and then only read: nothing is written beside it', () => {
    place.file = path.join(path.dirname(place.file), 'not there yet', 'secrets');
    const secrets = readSecrets(place);
    expect(secrets).toEqual([expect.objectContaining({ length: 32 })]);
    const long = new Date(2001, 0, 1);
    utimesSync(path.dirname(place.file), long, long);
    expect(readSecrets(place)).toEqual(secrets);
    expect(statSync(path.dirname(place.file)).mtime).toEqual(long);
    expect(besideIt()).toEqual(['secrets']);
  });

  it('may hold several, with any white space between them', () => {
    const secrets = [newSecret(), newSecret(), newSecret()];
    const [one, two, three] = secrets.map((secret) => text(secret));
    writeFileSync(place.file, `\n ${one}\r\n${two}  \t${three}\n\n`);
    expect(readSecrets(place)).toEqual(secrets);
  });

  const good = text(newSecret());
  it.each([
    ['empty', ''],
    ['short', text(Buffer.alloc(31, 1))],
    ['long', text(Buffer.alloc(33, 1))],
    ['no base64', '*'.repeat(44)],
    // The same bytes to a generous reader, and not what was written.
    ['cut off after a good one', `${good} ${good.replace('=', '')}`],
    ['wrong before a good one', `c2VjcmV0 ${good}`],
  ])('is not replaced when it is damaged, which is said: %s', (_what, damaged) => {
    writeFileSync(place.file, damaged);
    const { message } = thrownBy(() => readSecrets(place));
    expect(message).toBe(
      `${place.file} is damaged: it should hold the secrets, 32 bytes in base64. Delete it.`,
    );
    expect(readFileSync(place.file, 'utf8')).toBe(damaged);
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
    expect(failed.message).toBe(
      `The secrets cannot be kept in ${place.file}: links are not known here. The environment variable MY_SECRETS can hold it instead: 32 random bytes in base64.`,
    );
    expect(besideIt()).toEqual([]);
  });

  it('can be replaced as a whole, and says so when it cannot', () => {
    readSecrets(place);
    const others = [newSecret(), newSecret()];
    replaceSecrets(place, others);
    expect(readSecrets(place)).toEqual(others);
    expect(readFileSync(place.file, 'utf8')).toBe(`${text(others[0]!)}\n${text(others[1]!)}\n`);
    expect(besideIt()).toEqual(['secrets']);
    mkdirSync(`${place.file}.d`);
    expect(() => replaceSecrets({ ...place, file: `${place.file}.d` }, others)).toThrow(CannotOpenDatabase);
  });
});

describe('secrets in the environment', () => {
  it('count before those in the file, unless the variable is empty', () => {
    const secrets = [newSecret(), newSecret()];
    vi.stubEnv('MY_SECRETS', text(...secrets));
    expect(readSecrets(place)).toEqual(secrets);
    expect(besideIt()).toEqual([]);
    vi.stubEnv('MY_SECRETS', '');
    expect(readSecrets(place)).toHaveLength(1);
    expect(besideIt()).toEqual(['secrets']);
  });

  it('are not told when they are none', () => {
    vi.stubEnv('MY_SECRETS', 'c2VjcmV0');
    expect(thrownBy(() => readSecrets(place)).message).toBe(
      'The environment variable MY_SECRETS should hold the secrets: 32 bytes in base64, 44 characters.',
    );
  });
});

describe("the server's secret key", () => {
  it('is in memory alone for a database in memory, or comes from the environment', () => {
    expect(secretKey(':memory:')).toHaveLength(32);
    expect(secretKey(':memory:')).not.toEqual(secretKey(':memory:'));
    expect(existsSync(':memory:.key')).toBe(false);
    const key = newSecret();
    vi.stubEnv('OTP_KEY', text(key));
    expect(secretKey(':memory:')).toEqual(key);
  });

  it('is the same one for servers that start at once', { timeout: 30_000 }, async () => {
    const database = path.join(path.dirname(place.file), 'otp.db');
    const program = `
      import { secretKey } from ${JSON.stringify(new URL('./secret-key.ts', import.meta.url).href)};
      process.stdin.once('data', () => {
        process.stdout.write(secretKey(process.argv[1]).toString('hex'));
        process.exit();
      });
      process.stdout.write('ready ');`;
    const servers = Array.from({ length: 4 }, () => {
      const flags = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program];
      const child = spawn(process.execPath, [...flags, database]);
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      return { child, ready: once(child.stdout, 'data'), output: once(child, 'close').then(() => output) };
    });
    await Promise.all(servers.map(({ ready }) => ready));
    for (const { child } of servers) child.stdin.write('go\n');
    const keys = await Promise.all(servers.map(({ output }) => output));
    expect(new Set(keys)).toEqual(new Set([`ready ${secretKey(database).toString('hex')}`]));
    expect(besideIt()).toEqual(['otp.db.key']);
  });
});
