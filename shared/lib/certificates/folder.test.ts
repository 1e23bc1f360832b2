import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { makeMissingCertificates, readCertificates, users, writeCertificates } from './folder.ts';
import { makeAuthority } from './issue.ts';

const day = 24 * 60 * 60 * 1_000;
const now = Date.UTC(2030, 0, 1);

// To make certificates takes longer than all that is tried with them: each test has a copy of the same ones.
const ofNow = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-'));
beforeAll(() => writeCertificates(ofNow, now));
afterAll(() => rmSync(ofNow, { recursive: true, force: true }));

const written = (): string => {
  const folder = path.join(tempFolder(), 'not there yet', 'certificates');
  cpSync(ofNow, folder, { recursive: true });
  return folder;
};
const textIn = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');

describe('writeCertificates', () => {
  it.skipIf(process.platform === 'win32')('lets nobody but their owner read them', async () => {
    const folder = tempFolder();
    chmodSync(folder, 0o755);
    await writeCertificates(folder, now);
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
    for (const name of readdirSync(folder)) {
      expect((statSync(path.join(folder, name)).mode & 0o777).toString(8)).toBe('600');
    }
  });

  it('renews all but the authority', async () => {
    const folder = written();
    const before = Object.fromEntries(readdirSync(folder).map((name) => [name, textIn(folder, name)]));
    await writeCertificates(folder, now + 5 * day);
    const changed = readdirSync(folder).filter((name) => textIn(folder, name) !== before[name]);
    expect(changed).not.toContain('ca.crt');
    expect(changed).not.toContain('ca.key');
    expect(changed).toHaveLength(6);
    readCertificates(folder, 'server', now + 11 * day);
  });

  it.each<[string, (folder: string) => void, number]>([
    ['ends before what it would vouch for', () => {}, 25],
    ['has expired', () => {}, 40],
    ['is damaged', (folder) => writeFileSync(path.join(folder, 'ca.crt'), 'nonsense'), 1],
    ['has lost its key', (folder) => rmSync(path.join(folder, 'ca.key')), 1],
  ])('makes another authority when the one there %s', async (_what, spoil, later) => {
    const folder = written();
    const before = textIn(folder, 'ca.crt');
    spoil(folder);
    await writeCertificates(folder, now + later * day);
    expect(textIn(folder, 'ca.crt')).not.toBe(before);
    for (const name of ['server', ...users]) readCertificates(folder, name, now + later * day);
  });

  it('says so when they cannot be kept', async () => {
    const file = path.join(tempFolder(), 'a file');
    writeFileSync(file, '');
    await expect(writeCertificates(path.join(file, 'certificates'), now)).rejects.toThrow(
      /^Certificates cannot be kept in .*: a part of its path is a file, and should be a folder \(.*\)\.$/,
    );
  });

  it('leaves nothing behind when something is in the way', async () => {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'ca.key', 'in the way'), { recursive: true });
    await expect(writeCertificates(folder, now)).rejects.toThrow('cannot be kept');
    expect(readdirSync(folder)).toEqual(['ca.key']);
  });
});

describe('readCertificates', () => {
  type Spoil = (folder: string) => void | Promise<void>;
  const without =
    (name: string): Spoil =>
    (folder) =>
      rmSync(path.join(folder, name));
  const holding =
    (name: string, text: string | ((folder: string) => string | Buffer | Promise<Buffer>)): Spoil =>
    async (folder) =>
      writeFileSync(path.join(folder, name), typeof text === 'string' ? text : await text(folder));
  const nothing: Spoil = () => {};
  const isDamaged = 'server.crt is damaged: it should hold a certificate, as PEM.';
  const notIssued = 'server.crt was not issued by the authority in';

  it.each<[string, Spoil, number, string]>([
    ['a missing certificate', without('server.crt'), 0, 'server.crt is not there.'],
    ['a missing key', without('server.key'), 0, 'server.key is not there.'],
    ['a missing authority', without('ca.crt'), 0, 'ca.crt is not there.'],
    ['a damaged certificate', holding('server.crt', 'nonsense'), 0, isDamaged],
    [
      'half a certificate',
      holding('server.crt', (folder) => textIn(folder, 'server.crt').slice(0, 300)),
      0,
      isDamaged,
    ],
    [
      'a damaged key',
      holding('server.key', ''),
      0,
      'server.key is damaged: it should hold a private key, as PEM.',
    ],
    [
      'a key of another certificate',
      holding('server.key', (folder) => textIn(folder, 'ada.key')),
      0,
      'they are not of one pair.',
    ],
    [
      'an expired certificate',
      nothing,
      8,
      'server.crt has expired: it was good until 2030-01-07T23:55:00.000Z.',
    ],
    ['an expired authority', nothing, 31, 'ca.crt has expired: it was good until 2030-01-30T23:55:00.000Z.'],
    [
      'a clock that goes wrong',
      nothing,
      -1,
      'ca.crt is not good yet: it will be from 2029-12-31T23:55:00.000Z on.',
    ],
    [
      'another authority',
      holding('ca.crt', async () => (await makeAuthority({ from: now, days: 30 })).certificate),
      0,
      notIssued,
    ],
    [
      'a signature that is not the authority’s',
      holding('server.crt', (folder) => {
        const { raw } = new X509Certificate(textIn(folder, 'server.crt'));
        // The signature is what comes last.
        raw[raw.length - 1]! ^= 1;
        return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
      }),
      0,
      notIssued,
    ],
    [
      'a folder in the place of a file',
      (folder) => {
        rmSync(path.join(folder, 'server.crt'));
        mkdirSync(path.join(folder, 'server.crt'));
      },
      0,
      'server.crt cannot be read',
    ],
  ])('says what to do about %s, in a sentence', async (_what, spoil, days, expected) => {
    const folder = written();
    await spoil(folder);
    const said = thrownBy(() => readCertificates(folder, 'server', now + days * day)).message;
    expect(said).toContain(expected);
    expect(said).toMatch(/^.+ Make new ones: npm run lesson:10 certs$/);
  });
});

describe('makeMissingCertificates', () => {
  it('makes them once', async () => {
    const folder = path.join(tempFolder(), 'certificates');
    expect(await makeMissingCertificates(folder)).toBe(true);
    const before = textIn(folder, 'server.crt');
    expect(await makeMissingCertificates(folder)).toBe(false);
    expect(textIn(folder, 'server.crt')).toBe(before);
  });

  it('leaves alone what is damaged: a person has to see it', async () => {
    const folder = tempFolder();
    writeFileSync(path.join(folder, 'ca.crt'), 'nonsense');
    expect(await makeMissingCertificates(folder)).toBe(false);
  });
});
