import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/temp-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { CannotOpenDatabase } from './cannot-open-database.ts';
import { secretKey } from './secret-key.ts';

let database: string;
beforeEach(() => {
  database = path.join(tempFolder(), 'otp.db');
});
afterEach(() => vi.unstubAllEnvs());

describe('secretKey', () => {
  it('is made once, and is the same after a restart', () => {
    database = path.join(tempFolder(), 'not there yet', 'otp.db');
    const key = secretKey(database);
    expect(key).toHaveLength(32);
    expect(secretKey(database)).toEqual(key);
    expect(readdirSync(path.dirname(database))).toEqual(['otp.db.key']);
  });

  it('is another one for another database', () => {
    const folder = tempFolder();
    expect(secretKey(path.join(folder, 'a.db'))).not.toEqual(secretKey(path.join(folder, 'b.db')));
  });

  it('is the same one for servers that start at once', async () => {
    const program = `
      import { secretKey } from ${JSON.stringify(new URL('./secret-key.ts', import.meta.url).href)};
      process.stdin.once('data', () => {
        process.stdout.write(secretKey(process.argv[1]).toString('hex'));
        process.exit();
      });
      process.stdout.write('ready ');`;
    const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;
    const servers = Array.from({ length: 4 }, () => {
      const flags = ['--import', tsx, '--input-type=module', '--eval', program, database];
      const child = spawn(process.execPath, flags);
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      return { child, ready: once(child.stdout, 'data'), output: once(child, 'close').then(() => output) };
    });
    await Promise.all(servers.map(({ ready }) => ready));
    for (const { child } of servers) child.stdin.write('go\n');
    const keys = await Promise.all(servers.map(({ output }) => output));
    expect(new Set(keys)).toEqual(new Set([`ready ${secretKey(database).toString('hex')}`]));
    expect(readdirSync(path.dirname(database))).toEqual(['otp.db.key']);
  }, 30_000);

  it.each([
    ['empty', ''],
    ['short', Buffer.alloc(31, 1).toString('base64')],
    ['long', Buffer.alloc(33, 1).toString('base64')],
    ['no base64', '*'.repeat(44)],
  ])('says so when its file is %s, and does not replace it', (_what, text) => {
    writeFileSync(`${database}.key`, text);
    expect(() => secretKey(database)).toThrow(CannotOpenDatabase);
    expect(() => secretKey(database)).toThrow(`${database}.key is damaged`);
    expect(readFileSync(`${database}.key`, 'utf8')).toBe(text);
  });

  it('says so when it can be kept nowhere', () => {
    const folder = tempFolder();
    writeFileSync(path.join(folder, 'a file'), '');
    database = path.join(folder, 'a file', 'otp.db');
    expect(() => secretKey(database)).toThrow(CannotOpenDatabase);
    expect(() => secretKey(database)).toThrow(/cannot be kept in .*OTP_KEY/);
  });

  it('is in memory alone for a database in memory', () => {
    expect(secretKey(':memory:')).toHaveLength(32);
    expect(secretKey(':memory:')).not.toEqual(secretKey(':memory:'));
    expect(existsSync(':memory:.key')).toBe(false);
  });

  it('comes from the environment when it is there', () => {
    const key = Buffer.alloc(32, 7);
    vi.stubEnv('OTP_KEY', key.toString('base64'));
    expect(secretKey(database)).toEqual(key);
    expect(secretKey(':memory:')).toEqual(key);
    expect(readdirSync(path.dirname(database))).toEqual([]);
  });

  it('is not told when the one in the environment is none', () => {
    vi.stubEnv('OTP_KEY', 'c2VjcmV0');
    const { message } = thrownBy(() => secretKey(':memory:'));
    expect(message).toMatch(/^The environment variable OTP_KEY should hold/);
    expect(message).not.toContain('c2VjcmV0');
  });
});
