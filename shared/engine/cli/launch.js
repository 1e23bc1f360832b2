// Every npm script begins here. It is plain JavaScript, and old JavaScript at that: it has to run, and to say what is
// missing, where nothing is installed yet or where Node.js is too old for the rest. What fails in a command ends here too.
import { folderInTheWay } from '../loading/unusable-folder.js';
import { settleGrpcEnvironment } from '../loading/grpc-environment.js';
import { whyNotLoaded } from '../loading/missing-package.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `This is Node.js ${process.versions.node}. The workbook needs 20.19 or later: https://nodejs.org/`,
  );
  process.exit(1);
}

// The doctor goes as far as it can, and tells more.
const problem = process.argv[2] === 'doctor' ? undefined : folderInTheWay();
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
settleGrpcEnvironment();

const [command, subject, ...words] = process.argv.slice(2);

/** Whether a lesson's pair is to be run: no word stands behind its number, and nobody asks for help. */
const runsPair =
  command === 'lesson' &&
  (words[0] ?? '--').startsWith('-') &&
  !words.some((word) => /^(-h|--help)$/.test(word));

try {
  if (runsPair) {
    const { startPairAhead } = await import('../run/half-start.js');
    startPairAhead(Number(subject), words.includes('--solution') ? 'solutions' : 'lessons');
  }
  // Vitest comes before what lets TypeScript be loaded, which would look at each of its many files, for half a second.
  if (process.argv.includes('check')) await import('vitest/node').catch(() => {});
  // From here on, TypeScript can be loaded.
  await import('../loading/typescript-loader.js');
  await import('./cli.ts');
} catch (error) {
  console.error(whyNotLoaded(error));
  if (process.env.WORKBOOK_DEBUG) console.error(error);
  process.stdout.write('', () => process.exit(1));
}
