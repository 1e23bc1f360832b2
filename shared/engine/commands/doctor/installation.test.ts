import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../check/kit/temp-folder.ts';
import { lookAtList, lookAtLockfile, lookAtPackages } from './installation.ts';
import type { LockedPackage, Machine } from './lockfile.ts';
import { lookAtNode } from './node-version.ts';

const linux: Machine = { os: 'linux', cpu: 'x64', libc: 'glibc', node: '20.19.0' };
const musl: Machine = { ...linux, libc: 'musl' };
const windows: Machine = { os: 'win32', cpu: 'x64', libc: undefined, node: '20.19.0' };

const binary = (more: LockedPackage): LockedPackage => ({ version: '1.0.0', optional: true, ...more });

/** What the lockfile of the tests asks for. */
const locked: Record<string, LockedPackage> = {
  '': { dependencies: { bread: '^1.0.0' }, devDependencies: { oven: '^2.0.0' } },
  'node_modules/bread': { version: '1.2.3' },
  'node_modules/oven': { version: '2.0.0', engines: { node: '^20.0.0 || >=22.0.0' } },
  'node_modules/oven/node_modules/bread': { version: '0.9.0' },
  'node_modules/@oven/linux-gnu': binary({ os: ['linux'], cpu: ['x64'], libc: ['glibc'] }),
  'node_modules/@oven/linux-musl': binary({ os: ['linux'], cpu: ['x64'], libc: ['musl'] }),
  'node_modules/@oven/win32': binary({ os: ['win32'], cpu: ['x64', 'arm64'] }),
  'node_modules/@oven/not-windows': binary({ os: ['!win32'] }),
  'node_modules/@oven/newer-node': binary({ os: ['linux'], engines: { node: '^22.20 || >=24' } }),
  'node_modules/of-another-platforms-package': binary({}),
};

const onLinux = Object.keys(locked).filter(
  (place) => place !== '' && !/musl|win32|newer-node|of-another/.test(place),
);

/** A folder with a package.json, a lockfile, and an installation for Linux; each can be changed. */
const workbookWith = ({
  asked = locked['']!,
  installed = onLinux,
  list = locked,
  onDisk = {},
}: {
  asked?: object;
  installed?: string[];
  list?: Record<string, LockedPackage>;
  onDisk?: Record<string, string>;
} = {}): string => {
  const folder = tempFolder();
  const write = (file: string, content: object): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), JSON.stringify(content));
  };
  write('package.json', asked);
  write('package-lock.json', { lockfileVersion: 3, packages: locked });
  for (const place of installed)
    write(`${place}/package.json`, { version: onDisk[place] ?? locked[place]!.version });
  const packages = Object.fromEntries(
    Object.entries(list).filter(([place]) => installed.includes(place) || onDisk[place] !== undefined),
  );
  write('node_modules/.package-lock.json', { lockfileVersion: 3, packages });
  return folder;
};

describe('the installed packages', () => {
  it('are well when all is there, and do not miss what is for other machines', () => {
    const folder = workbookWith();
    expect(lookAtPackages(folder, linux).state).toBe('ok');
    expect(lookAtList(folder, linux).state).toBe('ok');
  });

  it.each([
    [musl, '@oven/linux-musl is missing'],
    [windows, '@oven/win32 is missing'],
    [{ ...linux, node: '24.0.0' }, '@oven/newer-node is missing'],
  ])('miss the part that this machine needs: %j', (machine, expected) => {
    const folder = workbookWith();
    for (const look of [lookAtPackages, lookAtList]) {
      expect(look(folder, machine)).toEqual({
        state: 'problem',
        found: `The packages in node_modules are not those that package-lock.json names: ${expected}.`,
        remedy: "Run this in the workbook's top folder: npm ci",
      });
    }
  });

  it('miss one that npm has never installed', () => {
    const folder = workbookWith({ installed: onLinux.filter((place) => place !== 'node_modules/oven') });
    expect(lookAtList(folder, linux).found).toContain(': oven is missing.');
  });

  it('miss one that was removed after npm had installed it', () => {
    const folder = workbookWith();
    rmSync(path.join(folder, 'node_modules/oven/node_modules'), { recursive: true });
    expect(lookAtPackages(folder, linux).found).toContain(': bread is missing.');
  });

  it('are not well in another version, on the disk or in the list of npm', () => {
    const wrong = 'bread is 1.0.0 in place of 1.2.3';
    const changed = workbookWith({ onDisk: { 'node_modules/bread': '1.0.0' } });
    expect(lookAtPackages(changed, linux).found).toContain(wrong);
    const older = workbookWith({ list: { ...locked, 'node_modules/bread': { version: '1.0.0' } } });
    expect(lookAtPackages(older, linux).found).toContain(wrong);
    expect(lookAtList(older, linux).found).toContain(wrong);
  });

  it('name the first three of many', () => {
    const { found } = lookAtList(workbookWith({ installed: [] }), linux);
    expect(found).toContain(': bread is missing, oven is missing, bread is missing and 2 more.');
  });

  it('name three when there are three', () => {
    const there = onLinux.filter((place) => !/bread|oven$/.test(place));
    const { found } = lookAtList(workbookWith({ installed: there }), linux);
    expect(found).toContain(': bread is missing, oven is missing, bread is missing.');
  });

  it('say of one without a version that it has none', () => {
    const folder = workbookWith();
    writeFileSync(path.join(folder, 'node_modules/bread/package.json'), '{}');
    expect(lookAtPackages(folder, linux).found).toContain('bread is without a version in place of 1.2.3');
  });

  it('are not well after an installation that was interrupted', () => {
    const folder = workbookWith();
    rmSync(path.join(folder, 'node_modules/.package-lock.json'));
    expect(lookAtPackages(folder, linux).found).toContain('npm has not finished the installation');
    expect(lookAtList(folder, linux).remedy).toContain('npm ci');
  });

  it.each([
    ['missing', undefined, 'package-lock.json is missing.'],
    ['no JSON', '<<<<<<< HEAD', 'package-lock.json is no valid JSON.'],
  ])('cannot be judged by a lockfile that is %s', (_what, text, expected) => {
    const folder = workbookWith();
    const file = path.join(folder, 'package-lock.json');
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    for (const { found, remedy } of [lookAtPackages(folder, linux), lookAtLockfile(folder)]) {
      expect(found).toBe(expected);
      expect(remedy).toContain('git checkout -- package-lock.json');
    }
  });
});

describe('the lockfile', () => {
  it.each([
    ['that names none', '{}', 'node_modules', 'ok'],
    [
      'in the place of which a folder stands',
      undefined,
      'package-lock.json cannot be read (EISDIR).',
      'problem',
    ],
  ])('%s is taken for what it is', (_what, text, found, state) => {
    const folder = workbookWith();
    const file = path.join(folder, 'package-lock.json');
    rmSync(file);
    if (text === undefined) mkdirSync(file);
    else writeFileSync(file, text);
    expect(lookAtPackages(folder, linux)).toMatchObject({ state, found: expect.stringContaining(found) });
  });

  it('is not in step when it names nothing and package.json asks for something', () => {
    const folder = workbookWith();
    writeFileSync(path.join(folder, 'package-lock.json'), '{}');
    expect(lookAtLockfile(folder).found).toContain('bread ^1.0.0 is only in package.json');
  });

  it('is in step when both ask for the same that is optional, and not when only one does', () => {
    const optional = { ...locked['']!, optionalDependencies: { salt: '^1.0.0' } };
    expect(lookAtLockfile(workbookWith({ asked: optional })).found).toContain(
      'salt ^1.0.0 is only in package.json',
    );
  });

  it('is in step when package.json asks for the same', () => {
    expect(lookAtLockfile(workbookWith())).toEqual({
      state: 'ok',
      found: 'package-lock.json is in step with package.json.',
    });
  });

  it('is not when package.json asks for more, for less, or for another version', () => {
    const { found, remedy } = lookAtLockfile(
      workbookWith({
        asked: { dependencies: { bread: '^1.1.0', butter: '^3.0.0' } },
      }),
    );
    expect(found).toContain('bread is ^1.1.0 in package.json and ^1.0.0 in package-lock.json');
    expect(found).toContain('butter ^3.0.0 is only in package.json');
    expect(found).toContain('oven is only in package-lock.json');
    expect(remedy).toContain('npm install');
  });
});

describe('the version of Node.js', () => {
  it('is well when every package takes it', () => {
    expect(lookAtNode(workbookWith(), '22.12.0')).toEqual({
      state: 'ok',
      found: 'Node.js is 22.12.0; the workbook needs 20.19 or later.',
    });
  });

  it('is well when there is no lockfile to tell: that is said elsewhere', () => {
    expect(lookAtNode(tempFolder(), '22.12.0').state).toBe('ok');
  });

  it('is worth a note when a package does not', () => {
    const { state, found, remedy } = lookAtNode(workbookWith(), '21.7.0');
    expect(state).toBe('note');
    expect(found).toContain('oven takes ^20.0.0 || >=22.0.0');
    expect(remedy).toContain('https://nodejs.org/');
  });
});
