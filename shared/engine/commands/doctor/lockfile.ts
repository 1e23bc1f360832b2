import { readFileSync } from 'node:fs';
import path from 'node:path';
import { admits } from './node-range.ts';

/** Packages by name, each with the range of versions that is asked for. */
export type Ranges = Readonly<Record<string, string>>;

/** What a package asks for; in package.json, and for the top folder in the lockfile too. */
export interface Manifest {
  dependencies?: Ranges;
  devDependencies?: Ranges;
  optionalDependencies?: Ranges;
}

/** A package as a lockfile describes it: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json */
export interface LockedPackage extends Manifest {
  version?: string;
  /** Npm goes on without it where it cannot be installed. */
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  engines?: { node?: string };
}

/** The packages by their place, for example `node_modules/chalk`. The top folder's own place is the empty text. */
export type Lockfile = Readonly<Record<string, LockedPackage>>;

/** What decides which of the packages for single platforms npm installs. */
export interface Machine {
  os: string;
  cpu: string;
  /** The C library: `glibc` or `musl` on Linux, and none elsewhere. */
  libc: string | undefined;
  /** The version of Node.js. */
  node: string;
}

/** Finds the C library as npm does: by the text of `ldd`, or else by Node's own report, which takes long. */
const findLibc = (): Machine['libc'] => {
  if (process.platform !== 'linux') return undefined;
  try {
    const ldd = readFileSync('/usr/bin/ldd', 'utf8');
    if (ldd.includes('musl')) return 'musl';
    if (ldd.includes('GNU C Library')) return 'glibc';
  } catch {
    // Not every Linux has it there.
  }
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
};

/** The machine that this runs on. */
export const thisMachine: Machine = {
  os: process.platform,
  cpu: process.arch,
  libc: findLibc(),
  node: process.versions.node,
};

/** A file that should say what is to be installed cannot be read. The message is a sentence. */
export class CannotRead extends Error {
  override name = 'CannotRead';
}

const readJson = (folder: string, file: string): Record<string, unknown> => {
  try {
    return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Record<string, unknown>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CannotRead(`${file} is missing.`, { cause: error });
    throw new CannotRead(
      code === undefined ? `${file} is no valid JSON.` : `${file} cannot be read (${code}).`,
      { cause: error },
    );
  }
};

/**
 * @param folder - the workbook's top folder
 * @returns what its package.json asks for
 * @throws CannotRead
 */
export const readManifest = (folder: string): Manifest => readJson(folder, 'package.json');

/**
 * @param folder - the workbook's top folder
 * @param file - the lockfile in it; or the one that npm leaves in node_modules, once all is installed
 * @returns its packages
 * @throws CannotRead
 */
export const readLockfile = (folder: string, file = 'package-lock.json'): Lockfile =>
  (readJson(folder, file).packages ?? {}) as Lockfile;

/** A list names what is taken, or with a `!` what is not. */
const listed = (list: string[], value: string | undefined): boolean =>
  list.some((entry) => entry.startsWith('!'))
    ? !list.includes(`!${value}`)
    : list.includes('any') || (value !== undefined && list.includes(value));

/** An optional package is missed only where it is certain that npm wants it: it names this platform and takes this Node.js. */
const isCertain = ({ os, cpu, libc, engines }: LockedPackage, machine: Machine): boolean =>
  (os ?? cpu) !== undefined &&
  (os === undefined || listed(os, machine.os)) &&
  (cpu === undefined || listed(cpu, machine.cpu)) &&
  (engines?.node === undefined || admits(engines.node, machine.node) === true) &&
  (libc === undefined || listed(libc, machine.libc));

/**
 * @param lockfile - what is to be installed, for all platforms
 * @param machine - where
 * @returns those packages that must be there, by place
 */
export const wantedOn = (lockfile: Lockfile, machine: Machine): [place: string, wanted: LockedPackage][] =>
  Object.entries(lockfile).filter(
    ([place, wanted]) => place !== '' && (!wanted.optional || isCertain(wanted, machine)),
  );

/** @returns the name of the package that lies at a place */
export const nameAt = (place: string): string => place.split('node_modules/').at(-1)!;
