import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ok, problem, someOf, type Finding } from './finding.ts';
import {
  CannotRead,
  nameAt,
  readLockfile,
  readManifest,
  thisMachine,
  wantedOn,
  type Lockfile,
  type Machine,
  type Ranges,
} from './lockfile.ts';

const npmCi = "Run this in the workbook's top folder: npm ci";

/** What npm writes as the last thing of an installation: the packages that it has put into node_modules. */
const npmsOwnList = 'node_modules/.package-lock.json';

/** Compares what should be installed with what is. */
const wrongPackages = (
  lockfile: Lockfile,
  machine: Machine,
  installed: (place: string) => string | undefined,
): string[] =>
  wantedOn(lockfile, machine).flatMap(([place, { version }]) => {
    const there = installed(place);
    if (there === undefined) return [`${nameAt(place)} is missing`];
    return there === version ? [] : [`${nameAt(place)} is ${there} in place of ${version}`];
  });

/** Finds what is wrong by npm's own list alone. */
const wrongInList = (folder: string, lockfile: Lockfile, machine: Machine): string[] => {
  const list = readLockfile(folder, npmsOwnList);
  return wrongPackages(lockfile, machine, (place) => list[place]?.version);
};

const wrongOnDisk = (folder: string, lockfile: Lockfile, machine: Machine): string[] =>
  wrongPackages(lockfile, machine, (place) => {
    try {
      const text = readFileSync(path.join(folder, place, 'package.json'), 'utf8');
      return (JSON.parse(text) as { version?: string }).version ?? 'without a version';
    } catch {
      return undefined;
    }
  });

const lockfileUnreadable = ({ message }: CannotRead): Finding =>
  problem(message, 'Bring it back with: git checkout -- package-lock.json');

const judged = (folder: string, lookAt: (lockfile: Lockfile) => string[]): Finding => {
  let lockfile: Lockfile;
  try {
    lockfile = readLockfile(folder);
  } catch (error) {
    if (error instanceof CannotRead) return lockfileUnreadable(error);
    throw error;
  }
  try {
    const wrong = lookAt(lockfile);
    return wrong.length === 0
      ? ok('The packages in node_modules are those that package-lock.json names.')
      : problem(
          `The packages in node_modules are not those that package-lock.json names: ${someOf(wrong)}.`,
          npmCi,
        );
  } catch (error) {
    if (!(error instanceof CannotRead)) throw error;
    return problem(
      "npm has not finished the installation in node_modules, or another tool has made it: npm's own list is not there.",
      npmCi,
    );
  }
};

/**
 * Looks whether every package that this machine needs is installed, in the version that the lockfile names: by npm's own
 * list, and by what really lies in node_modules.
 *
 * @param folder - the workbook's top folder
 * @param machine - packages for others are not missed
 */
export const lookAtPackages = (folder: string, machine: Machine = thisMachine): Finding =>
  judged(folder, (lockfile) => [
    ...new Set([...wrongOnDisk(folder, lockfile, machine), ...wrongInList(folder, lockfile, machine)]),
  ]);

/** Looks at npm's own list alone, as {@link lookAtPackages} does first; it takes some milliseconds. */
export const lookAtList = (folder: string, machine: Machine = thisMachine): Finding =>
  judged(folder, (lockfile) => wrongInList(folder, lockfile, machine));

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

const differences = (asked: Ranges, locked: Ranges): string[] =>
  [...new Set([...Object.keys(asked), ...Object.keys(locked)])]
    .filter((name) => asked[name] !== locked[name])
    .map((name) => {
      if (locked[name] === undefined) return `${name} ${asked[name]} is only in package.json`;
      if (asked[name] === undefined) return `${name} is only in package-lock.json`;
      return `${name} is ${asked[name]} in package.json and ${locked[name]} in package-lock.json`;
    });

/**
 * Looks whether package.json asks for just what the lockfile was made for. npm ci refuses to work when it does not.
 *
 * @param folder - the workbook's top folder
 */
export const lookAtLockfile = (folder: string): Finding => {
  try {
    const asked = readManifest(folder);
    const locked = readLockfile(folder)[''] ?? {};
    const wrong = kinds.flatMap((kind) => differences(asked[kind] ?? {}, locked[kind] ?? {}));
    return wrong.length === 0
      ? ok('package-lock.json is in step with package.json.')
      : problem(
          `package-lock.json is not in step with package.json: ${someOf(wrong)}.`,
          'If you want the change, run: npm install. If not, bring both back with: git checkout -- package.json package-lock.json',
        );
  } catch (error) {
    if (error instanceof CannotRead) return lockfileUnreadable(error);
    throw error;
  }
};
