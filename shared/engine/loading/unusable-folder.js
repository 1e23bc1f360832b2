// @ts-check
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Names a folder in which the workbook cannot work: Node.js replaces a `*` in the path of an import, and Vite, which runs
 * the checks, takes what stands behind a `#` or a `?` for no part of a file's
 * name, and a `%` for the beginning of an escape.
 *
 * @param {string} [folder] - the workbook's top folder
 * @returns {string | undefined} a sentence that says which folder, and what to do; undefined when all is well
 */
export const folderInTheWay = (folder = root) => {
  const name = folder.split(path.sep).find((each) => /[#?*%]/.test(each));
  if (name === undefined) return undefined;
  const [character] = /[#?*%]/.exec(name) ?? [];
  return `The folder "${name}", in which the workbook lies, has a ${character} in its name, and the checks cannot work with that. Give it another name: ${folder}`;
};
