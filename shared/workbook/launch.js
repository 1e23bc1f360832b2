// Every npm script begins here. It is plain JavaScript, and old JavaScript at that: it has to run, and to say what is
// missing, where nothing is installed yet or where Node.js is too old for the rest.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `This is Node.js ${process.versions.node}. The workbook needs 20.19 or later: https://nodejs.org/`,
  );
  process.exit(1);
}
// Vitest comes before what lets TypeScript be loaded, which would look at each of its many files, for half a second.
if (process.argv.includes('check')) await import('vitest/node').catch(() => {});
try {
  // From here on, TypeScript can be loaded.
  await import('./typescript.js');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('The workbook is not installed yet. Run this first, in its top folder: npm ci');
  process.exit(1);
}
await import('./cli.ts');
