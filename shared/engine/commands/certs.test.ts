import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { printing } from '../check/kit/captured-output.ts';
import { tempFolder } from '../check/kit/test-folder.ts';
import { certs } from './certs.ts';

/** The workbook of the test: the command renews the certificates of the one that it lies in. */
const workbook = vi.hoisted(() => ({ folder: '' }));
vi.mock('../lesson/paths.ts', () => ({
  inWorkbook: (...names: string[]) => path.join(workbook.folder, ...names),
}));
beforeEach(() => {
  workbook.folder = tempFolder();
});

it('says what it has made, where, and until when it is good', async () => {
  const printed = printing();
  expect(await certs()).toBe(0);
  expect(readdirSync(path.join(workbook.folder, '.workbook', 'certificates'))).toContain('server.crt');
  const when = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z`;
  expect(printed).toEqual(
    [
      'In \\.workbook/certificates/, for your eyes only:',
      `  ca      good until ${when}  the authority: who trusts it, trusts the others`,
      `  server  good until ${when}  the server: localhost`,
      `  ada     good until ${when}  a client: the user ada`,
      `  guest   good until ${when}  a client: the user guest`,
    ].map((line) => expect.stringMatching(new RegExp(`^${line}$`))),
  );
});

it('says so when they cannot be kept, and ends with 1', async () => {
  const printed = printing();
  writeFileSync(path.join(workbook.folder, '.workbook'), '');
  expect(await certs()).toBe(1);
  expect(printed).toEqual([
    expect.stringMatching(/^Certificates cannot be kept in .*: a part of its path is a file/),
  ]);
});
