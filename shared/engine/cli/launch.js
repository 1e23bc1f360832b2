// Every npm script begins here. It is plain JavaScript, and old JavaScript at that: it has to run, and to say what is
// missing, where nothing is installed yet or where Node.js is too old for the rest. What fails in a command ends here too.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `This is Node.js ${process.versions.node}. The workbook needs 20.19 or later: https://nodejs.org/`,
  );
  process.exit(1);
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
if (!existsSync(path.join(root, 'node_modules'))) {
  console.error('The workbook is not installed yet. Run this first, in its top folder: npm ci');
  process.exit(1);
}

/** The packages' names, from their places in node_modules. */
const namesOf = (places) => places.map((place) => place.split('node_modules/').pop());

const sayIncomplete = ([name, ...others]) => {
  const missing =
    others.length === 0 ? `${name} is missing` : `${name} and ${others.length} more are missing`;
  console.error(
    `The installation is incomplete: the package ${missing}. Run this in the workbook's top folder: npm ci`,
  );
};

/** The places of packages that every platform needs and that are not there. Two milliseconds, ahead of any process that would fail. */
const missingPackages = () => {
  let packages;
  try {
    packages = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  } catch {
    // Without the list nothing can be said. The doctor tells that it is gone.
    return [];
  }
  return Object.keys(packages).filter(
    (place) =>
      place !== '' && !packages[place].optional && !existsSync(path.join(root, place, 'package.json')),
  );
};

// The doctor goes as far as it can, and then tells more.
if (process.argv[2] !== 'doctor') {
  const missing = missingPackages();
  if (missing.length > 0) {
    sayIncomplete(namesOf(missing));
    process.exit(1);
  }
}

/**
 * Finds what could not be loaded because it is not there: Node.js names it in the message, and so do those packages
 * that come in parts of which each platform needs another.
 *
 * @returns `{ file }` from the workbook's top folder on, or `{ name }` of a package; undefined when that was not why
 */
const missingIn = (error) => {
  const message = String((error && error.message) || error);
  const part =
    /The package "(@esbuild\/[^"]+)" could not be found/.exec(message) ||
    /needs the\s+"(@esbuild\/[^"]+)" package instead/.exec(message) ||
    /Cannot find module (@rollup\/\S+?)\.\s/.exec(message);
  if (part) return { name: part[1] };
  const text = /^Cannot find (?:package|module) '([^']+)'/.exec(message);
  if (!text) return undefined;
  const wanted = text[1].split(path.sep).join('/');
  const inPackages = wanted.split('node_modules/');
  if (inPackages.length === 1 && path.isAbsolute(text[1])) {
    return { file: path.relative(root, text[1]).split(path.sep).join('/') };
  }
  const [first, second] = inPackages.pop().split('/');
  return { name: first.startsWith('@') ? `${first}/${second}` : first };
};

const sayWhy = (error) => {
  const { file, name } = missingIn(error) || {};
  if (name !== undefined) {
    sayIncomplete([name]);
  } else if (file !== undefined) {
    console.error(`${file} is missing, a file of the workbook. Bring it back with: git checkout -- ${file}`);
  } else {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`The workbook itself has failed, not your code: ${message}`);
    console.error('If it happens again, report it with the command you typed and these lines.');
  }
  if (process.env.WORKBOOK_DEBUG) console.error(error);
};

try {
  // Vitest comes before what lets TypeScript be loaded, which would look at each of its many files, for half a second.
  if (process.argv.includes('check')) await import('vitest/node').catch(() => {});
  // From here on, TypeScript can be loaded.
  await import('../lesson/typescript-loader.js');
  await import('./cli.ts');
} catch (error) {
  sayWhy(error);
  process.stdout.write('', () => process.exit(1));
}
