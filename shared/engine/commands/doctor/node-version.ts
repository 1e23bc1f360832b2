import { note, ok, someOf, type Finding } from './finding.ts';
import { CannotRead, nameAt, readLockfile, thisMachine, wantedOn, type Lockfile } from './lockfile.ts';
import { admits } from './node-range.ts';

const lockfileOf = (folder: string): Lockfile => {
  try {
    return readLockfile(folder);
  } catch (error) {
    if (error instanceof CannotRead) return {};
    throw error;
  }
};

/**
 * Looks at the version of Node.js. One that is too old never comes this far: launch.js refuses it. One that a package
 * leaves out, as some do with odd-numbered releases, is worth knowing.
 *
 * @param folder - the workbook's top folder
 * @param node - the version of Node.js
 */
export const lookAtNode = (folder: string, node: string = thisMachine.node): Finding => {
  const against = wantedOn(lockfileOf(folder), { ...thisMachine, node })
    .filter(([, { engines }]) => engines?.node !== undefined && admits(engines.node, node) === false)
    .map(([place, { engines }]) => `${nameAt(place)} takes ${engines!.node}`);
  return against.length === 0
    ? ok(`Node.js is ${node}; the workbook needs 20.19 or later.`)
    : {
        ...note(
          `Node.js is ${node}, recent enough for the workbook; but not every package says that it runs on it: ${someOf(against)}.`,
        ),
        remedy: 'If something fails that should not, take an even-numbered release: https://nodejs.org/',
      };
};
