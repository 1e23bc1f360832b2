import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CannotUseTool } from '../missing-tool.ts';
import { allLessons } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { UsageError } from '../../engine/terminal/usage-error.ts';
import { thresholds } from './thresholds.ts';

/** The releases that are fetched; the newest that run on Node.js 20. They lie where learners have nothing of them. */
const stryker = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1'];
const home = inWorkbook('.workbook', 'mutation');
const program = path.join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/** Files that are changed together, and the tests that ought to notice. */
interface Group {
  part: keyof typeof thresholds;
  /** Patterns of the files to change; one that begins with ! takes some away. */
  mutate: string[];
  /** Patterns of the tests. */
  tests: string[];
}

/** Files of the engine that only tests of real commands run, or the wrong answers of `verify`: Stryker reaches neither. */
const outOfReach = [
  'cli/*.ts',
  'commands/*.ts',
  'commands/{watch/*,doctor/types-up-to-date}.ts',
  'terminal/confirm.ts',
  'lesson/{backup,generated-types}.ts',
  'report/{map,standing,current-step}.ts',
  'run/{half-process,run}.ts',
  'run/half/{client,command-link,load,main,server,server-stop}.ts',
  'check/{faulty-half,grade-lessons,progress,run-checks,strict-modules,type-errors,watchdog}.ts',
  'check/process/*.ts',
  'check/kit/{awaited-events,calls,captured-output,fake-time,grpc-frames,leaks,random-inputs,setup,stalled-reader,test-folder,timers}.ts',
  'wire/methods.ts',
];

/** What the checks of lessons prove of the library through the wire, its own tests do not repeat. */
const checksOf: Readonly<Record<string, string>> = {
  'lib/access': 'lessons/09-access-control/steps.test.ts',
  'lib/certificates': 'lessons/10-secure-connection/steps.test.ts',
  'lib/storage': 'lessons/{07-users,08-phone-otp}/steps.test.ts',
};

/** @returns the folders of `lib` and of the engine, from `shared` on, that have unit tests of their own */
const testedFolders = (): string[] =>
  ['lib', 'engine']
    .flatMap((floor) => readdirSync(inWorkbook('shared', floor), { recursive: true, withFileTypes: true }))
    .filter(({ name }) => name.endsWith('.test.ts') && !name.endsWith('.command.test.ts'))
    .map(({ parentPath }) => path.relative(inWorkbook('shared'), parentPath).replaceAll('\\', '/'))
    .filter((folder, index, all) => all.indexOf(folder) === index)
    .toSorted();

/** @returns all groups by name, the lessons' first */
const allGroups = (): Map<string, Group> =>
  new Map([
    ...allLessons().map(({ folder, number }): [string, Group] => [
      `lesson:${number}`,
      {
        part: 'solutions',
        mutate: [`solutions/${folder}/{server,client}.ts`],
        tests: [`lessons/${folder}/steps.test.ts`, `solutions/${folder}/proof/*.test.ts`],
      },
    ]),
    ...testedFolders().map((folder): [string, Group] => [
      folder,
      {
        part: 'engine',
        mutate: [
          `shared/${folder}/*.ts`,
          '!shared/**/*.test.ts',
          ...outOfReach.map((file) => `!shared/engine/${file}`),
        ],
        tests: [`shared/${folder}/*.test.ts`, checksOf[folder] ?? []].flat(),
      },
    ]),
  ]);

const install = (): void => {
  if (existsSync(program)) return;
  const npm = process.env.npm_execpath;
  if (npm === undefined)
    throw new CannotUseTool('This needs npm to fetch StrykerJS: type npm run author mutation.');
  mkdirSync(home, { recursive: true });
  // Without its peers: it has to find the workbook's own Vitest, in the folder above.
  const args = ['install', '--no-save', '--legacy-peer-deps', '--no-audit', '--no-fund', '--prefix', home];
  const { status } = spawnSync(process.execPath, [npm, ...args, ...stryker], { stdio: 'inherit' });
  if (status !== 0) throw new CannotUseTool('npm could not fetch StrykerJS. Is the network there?');
};

/** Has Stryker change the files of a group, and print what no test notices. @returns how many changes there were, by status */
const run = (name: string, { mutate, tests }: Group): Map<string, number> => {
  const config = inWorkbook('shared', 'authors', 'mutation', 'stryker.config.json');
  // A pattern may have commas in it, and Stryker's flag takes them for the end of one.
  const patterns = mutate.flatMap(expanded).join(',');
  const { status } = spawnSync(process.execPath, [program, 'run', config, '--mutate', patterns], {
    cwd: inWorkbook(),
    env: { ...process.env, GRPC_WORKBOOK_TESTS: JSON.stringify(tests) },
    stdio: 'inherit',
  });
  if (status !== 0) throw new CannotUseTool(`StrykerJS could not work on ${name}.`);
  const report = JSON.parse(readFileSync(path.join(home, 'report.json'), 'utf8')) as {
    files: Record<string, { mutants: { status: string }[] }>;
  };
  const counts = new Map<string, number>();
  for (const { status: each } of Object.values(report.files).flatMap(({ mutants }) => mutants)) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  return counts;
};

/** @returns the patterns that a pattern with alternatives in braces stands for */
const expanded = (pattern: string): string[] => {
  const [, before, inside, behind] = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  return inside === undefined ? [pattern] : inside.split(',').map((each) => `${before}${each}${behind}`);
};

/**
 * `npm run author mutation`: changes the solutions and the engine in thousands of small ways, and counts how many of the
 * changes the tests notice.
 *
 * @param names - the groups, such as lesson:3 or lib/grpc; all when there are none
 * @returns the exit code: 1 when too many changes have gone unnoticed
 * @throws UsageError when there is no such group
 * @throws CannotUseTool when StrykerJS cannot be fetched, or fails
 */
export const mutation = (names: readonly string[]): number => {
  const groups = allGroups();
  const unknown = names.find((name) => !groups.has(name));
  if (unknown !== undefined) {
    const known = [...groups.keys()];
    throw new UsageError(`There is no group "${unknown}". There are ${known.join(', ')}.`);
  }
  install();
  const totals = { solutions: { noticed: 0, all: 0 }, engine: { noticed: 0, all: 0 } };
  for (const [name, group] of groups) {
    if (names.length > 0 && !names.includes(name)) continue;
    const counts = run(name, group);
    const count = (...statuses: string[]): number =>
      statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
    const [noticed, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')];
    console.log(`${name}: ${noticed} of ${noticed + missed} noticed\n`);
    totals[group.part].noticed += noticed;
    totals[group.part].all += noticed + missed;
  }
  let missed = false;
  for (const part of ['solutions', 'engine'] as const) {
    const { noticed, all } = totals[part];
    if (all === 0) continue;
    const share = (100 * noticed) / all;
    missed ||= share < thresholds[part];
    console.log(`${part}: ${noticed} of ${all}, ${share.toFixed(1)} %, at least ${thresholds[part]} %`);
  }
  return missed ? 1 : 0;
};
