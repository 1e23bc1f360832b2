import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { afterInstallation, whyNotLoaded } from '../../loading/missing-package.js';
import { note, ok, problem, someOf, type Finding } from './finding.ts';

/** What a package says of itself in its package.json. */
interface Manifest {
  version?: string;
  engines?: { node?: string };
  dependencies?: Readonly<Record<string, string>>;
}

const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

/** Looks for a package where Node.js does, from a folder upwards: whoever has installed it, and wherever. */
const manifestOf = (name: string, folder: string): Manifest | undefined => {
  const file = path.join(folder, 'node_modules', name, 'package.json');
  if (existsSync(file)) return read(file);
  const above = path.dirname(folder);
  return above === folder ? undefined : manifestOf(name, above);
};

/** @returns what package.json asks for, by name; undefined when it cannot be read */
const askedFor = (folder: string): Readonly<Record<string, string>> | undefined => {
  try {
    return read(path.join(folder, 'package.json')).dependencies ?? {};
  } catch {
    return undefined;
  }
};

/** What is loaded of a package: mostly itself. tsx would change how this process loads, and types cannot be loaded. */
const entryOf = (name: string): string | undefined => {
  if (name === 'vitest') return 'vitest/node';
  return name === 'tsx' || name.startsWith('@types/') ? undefined : name;
};

const loadFrom = (name: string): Promise<unknown> => import(name);

/**
 * Looks whether each package that package.json asks for is there, in a version that it asks for, and can be loaded. Who
 * has installed it makes no difference.
 *
 * @param load - loads a package, by its name
 */
export const lookAtPackages = async (
  folder: string,
  load: (name: string) => Promise<unknown> = loadFrom,
): Promise<Finding> => {
  const asked = askedFor(folder);
  if (!asked) {
    return problem('package.json cannot be read.', 'Bring it back with: git checkout -- package.json');
  }
  const wrong = Object.entries(asked).flatMap(([name, range]) => {
    const version = manifestOf(name, folder)?.version;
    if (version === undefined) return [`${name} is missing`];
    return semver.satisfies(version, range) ? [] : [`${name} is ${version}, and ${range} is asked for`];
  });
  if (wrong.length > 0) {
    return problem(
      `The installed packages are not those that package.json asks for: ${someOf(wrong)}.`,
      afterInstallation(),
    );
  }
  // One of them has to be loaded before another.
  for (const name of ['reflect-metadata', ...Object.keys(asked)]) {
    const entry = entryOf(name);
    if (entry === undefined) continue;
    try {
      await load(entry);
    } catch (error) {
      return problem(`The package ${name} cannot be loaded.`, whyNotLoaded(error));
    }
  }
  return ok('The packages that package.json asks for are installed, and can be loaded.');
};

/**
 * Looks at the version of Node.js. One that is too old never comes this far: launch.js refuses it. One that a package
 * leaves out, as some do with odd-numbered releases, is worth knowing.
 */
export const lookAtNode = (folder: string, node: string = process.versions.node): Finding => {
  const against = Object.keys(askedFor(folder) ?? {}).flatMap((name) => {
    const range = manifestOf(name, folder)?.engines?.node;
    return range === undefined || semver.satisfies(node, range) ? [] : [`${name} takes ${range}`];
  });
  if (against.length === 0) return ok(`Node.js is ${node}; the workbook needs 20.19 or later.`);
  return {
    ...note(
      `Node.js is ${node}, recent enough for the workbook; but not every package says that it runs on it: ${someOf(against)}.`,
    ),
    remedy: 'If something fails that should not, take an even-numbered release: https://nodejs.org/',
  };
};
