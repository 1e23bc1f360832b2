// @ts-check
// Says why a program of the workbook could not be loaded. Plain JavaScript, because TypeScript may be what is missing.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** @param {string} file - an absolute path */
const inWorkbook = (file) => path.relative(root, file).split(path.sep).join('/');

/** @returns {string} a sentence on how to install what is missing */
export const afterInstallation = () => {
  const leavesOut =
    process.env.NODE_ENV === 'production' || /dev|optional/.test(process.env.npm_config_omit ?? '');
  // npm does what it is told, by the environment and by its settings: then it has to be told otherwise.
  const all = leavesOut ? ' --include=dev --include=optional' : '';
  return `Run this in the workbook's top folder: npm ci${all}`;
};

/** @param {string} name - of a package that is missing */
const incomplete = (name) =>
  existsSync(path.join(root, 'node_modules'))
    ? `The installation is incomplete: the package ${name} is missing. ${afterInstallation()}`
    : 'The workbook is not installed yet. Run this first, in its top folder: npm ci';

/**
 * Finds what could not be loaded because it is not there: Node.js names it in the message, and so do those packages
 * that come in parts of which each platform needs another.
 *
 * @param {string} message
 * @returns {{ file?: string, name?: string }} a file, from the workbook's top folder on, or the name of a package;
 *   neither when that was not why
 */
const missingIn = (message) => {
  const part =
    /The package "(@esbuild\/[^"]+)" could not be found/.exec(message) ||
    /needs the\s+"(@esbuild\/[^"]+)" package instead/.exec(message) ||
    /Cannot find module (@rollup\/\S+?)\.\s/.exec(message);
  if (part) return { name: part[1] };
  const [, wanted] = /^Cannot find (?:package|module) '([^']+)'/.exec(message) ?? [];
  if (wanted === undefined) return {};
  const inPackages = wanted.split(path.sep).join('/').split('node_modules/');
  if (inPackages.length === 1 && path.isAbsolute(wanted)) {
    return { file: inWorkbook(wanted) };
  }
  const [first = '', second] = (inPackages.pop() ?? '').split('/');
  return { name: first.startsWith('@') ? `${first}/${second}` : first };
};

/** @param {unknown} error - one of another thread is a plain object @returns {string} */
const messageOf = (error) =>
  String(/** @type {{ message?: unknown } | null | undefined} */ (error)?.message ?? error);

/**
 * @param {unknown} error - what loading a lesson's file has thrown
 * @returns {string | undefined} a sentence when a package of the workbook is missing, and not one that the lesson's own
 *   code asks for
 */
export const whyNotInstalled = (error) => {
  const message = messageOf(error);
  const { name } = missingIn(message);
  return name === undefined || /imported from .*[\\/](?:lessons|solutions)[\\/]/.test(message)
    ? undefined
    : incomplete(name);
};

/** @returns {string | undefined} a folder that has the name of a learner's file: the system's error names none */
const folderAsFile = () => {
  const lessons = path.join(root, 'lessons');
  return readdirSync(lessons)
    .flatMap((name) => ['server.ts', 'client.ts'].map((half) => path.join(lessons, name, half)))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isDirectory());
};

/**
 * Says which file of the workbook could not be read.
 *
 * @param {unknown} error
 * @returns {string | undefined} a sentence; undefined when that was not why
 */
const whyNotRead = (error) => {
  const { code, path: at } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  if (code === 'EISDIR') {
    const folder = folderAsFile();
    return (
      folder && `${inWorkbook(folder)} is a folder, and should be a file. Move it away, and run this again.`
    );
  }
  const file = inWorkbook(at ?? '..');
  if (at === undefined || file.startsWith('..')) return undefined;
  if (code === 'ENOENT') {
    // Of a folder that is not there at all, the folder is named.
    const names = file.split('/');
    const missing = names.map((_, index) => names.slice(0, index + 1).join('/'));
    const first = missing.find((each) => !existsSync(path.join(root, each))) ?? file;
    return `${first} is missing, a part of the workbook. Bring it back with: git checkout -- ${first}`;
  }
  return code === 'EACCES' || code === 'EPERM'
    ? `${file} cannot be read or written (${code}): it may belong to another user, or another program keeps it. Make it yours, or close that program.`
    : undefined;
};

/**
 * @param {unknown} error - what loading or running a command has thrown
 * @returns {string} one or two lines for the person at the terminal
 */
export const whyNotLoaded = (error) => {
  const message = messageOf(error);
  const { file, name } = missingIn(message);
  if (name !== undefined) return incomplete(name);
  if (file !== undefined) {
    return `${file} is missing, a file of the workbook. Bring it back with: git checkout -- ${file}`;
  }
  const notRead = whyNotRead(error);
  if (notRead !== undefined) return notRead;
  return `The workbook itself has failed, not your code: ${message}
If it happens again, report it with the command you typed and these lines.`;
};
