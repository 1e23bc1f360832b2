import { expect, it } from 'vitest';
import { thisMachine, wantedOn, type LockedPackage, type Machine } from './lockfile.ts';

const linux: Machine = { os: 'linux', cpu: 'x64', libc: 'glibc', node: '20.19.0' };
const mac: Machine = { os: 'darwin', cpu: 'arm64', libc: undefined, node: '20.19.0' };

it.each<[string, LockedPackage, Machine, boolean]>([
  ['that is not optional, for another system', { os: ['win32'] }, linux, true],
  ['for this system', { optional: true, os: ['linux'] }, linux, true],
  ['for this processor on any system', { optional: true, cpu: ['x64'] }, linux, true],
  ['for another processor', { optional: true, os: ['linux'], cpu: ['arm64'] }, linux, false],
  ['for all systems but this one', { optional: true, os: ['!linux'] }, linux, false],
  ['for all systems but others', { optional: true, os: ['!win32', '!darwin'] }, linux, true],
  ['for a list that also says what it is not for', { optional: true, os: ['darwin', '!win32'] }, linux, true],
  ['for any system', { optional: true, os: ['any'] }, linux, true],
  ['for a C library where there is none', { optional: true, os: ['darwin'], libc: ['glibc'] }, mac, false],
  ['that names no platform', { optional: true }, linux, false],
  ['for a newer Node.js', { optional: true, os: ['linux'], engines: { node: '>=22' } }, linux, false],
  ['for this Node.js', { optional: true, os: ['linux'], engines: { node: '>=20' } }, linux, true],
  [
    'for a Node.js nobody can tell',
    { optional: true, os: ['linux'], engines: { node: 'x - y' } },
    linux,
    false,
  ],
])('of the packages, one %s is certain to be wanted, or not', (_what, wanted, machine, isThere) => {
  const place = 'node_modules/bread';
  expect(wantedOn({ '': {}, [place]: wanted }, machine)).toEqual(isThere ? [[place, wanted]] : []);
});

it('this machine is the one that runs the tests', () => {
  expect(thisMachine).toMatchObject({
    os: process.platform,
    cpu: process.arch,
    node: process.versions.node,
  });
  const libraries = process.platform === 'linux' ? ['glibc', 'musl'] : [undefined];
  expect(libraries).toContain(thisMachine.libc);
});
