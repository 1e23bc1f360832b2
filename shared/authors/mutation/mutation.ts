import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CannotUseTool } from '../cannot-use-tool.ts';
import { didYouMean, UsageError } from '../../engine/terminal/usage-error.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { explained } from './explained.ts';
import { allGroups, least, type Group } from './groups.ts';
import { readReport, type Outcome } from './report.ts';

/** The releases that are fetched; the newest that run on Node.js 20. They lie where learners have nothing of them. */
const stryker = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1'];
const home = inWorkbook('.workbook', 'mutation');
const program = path.join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/** A group's name as part of a file's. */
const fileNameOf = (name: string): string => name.replaceAll(/[:/]/g, '-');

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

const optionsFor = ({ name, mutate }: Group, report: string): object => ({
  mutate,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'shared/authors/mutation/vitest.config.ts', related: false },
  // A change to what runs while a file is loaded is tried with all tests of a group, if one of them loads the file ahead,
  // as main.test.ts does. What a test loads while it runs would be put down to that test alone.
  coverageAnalysis: 'perTest',
  ignorePatterns: ['.workbook', '.git'],
  // TypeScript 7 has no programming interface that Stryker could read the settings with.
  tsconfigFile: 'none',
  tempDirName: path.join(home, 'sandboxes', fileNameOf(name)),
  reporters: ['json'],
  jsonReporter: { fileName: report },
  // Bounds what hangs. The checks bound their own waits.
  timeoutMS: 20_000,
  concurrency: 2,
  allowEmpty: true,
});

const run = async (group: Group): Promise<Outcome> => {
  const file = path.join(home, fileNameOf(group.name));
  const report = `${file}.report.json`;
  writeFileSync(`${file}.options.json`, JSON.stringify(optionsFor(group, report)));
  const child = spawn(process.execPath, [program, 'run', `${file}.options.json`], {
    cwd: inWorkbook(),
    env: { ...process.env, GRPC_WORKBOOK_TESTS: JSON.stringify(group.tests) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new CannotUseTool(`StrykerJS could not work on ${group.name}:\n${output}`);
  return readReport(report);
};

const percent = (killed: number, all: number): string => `${((100 * killed) / all).toFixed(1)} %`;

/**
 * `npm run author mutation`: changes the solutions and the engine in thousands of small ways, and counts how many of the
 * changes the tests notice.
 *
 * @param names - the groups, such as lesson:3 or grpc; all when there are none
 * @returns the exit code: 1 when too many changes have gone unnoticed
 * @throws UsageError when there is no such group
 * @throws CannotUseTool when StrykerJS cannot be fetched, or fails
 */
export const mutation = async (names: readonly string[]): Promise<number> => {
  const groups = allGroups();
  const known = groups.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `There is no group "${unknown}".${didYouMean(unknown, known)} There are ${known.join(', ')}.`,
    );
  }
  install();
  const isExplained = explained();
  const totals = { solutions: { killed: 0, all: 0 }, engine: { killed: 0, all: 0 } };
  for (const group of groups) {
    if (names.length > 0 && !names.includes(group.name)) continue;
    const { killed, survivors } = await run(group);
    const all = killed + survivors.length;
    for (const survivor of survivors) {
      if (isExplained(survivor)) continue;
      const { file, line, was, became, covered } = survivor;
      console.log(`${file}:${line}${covered ? '' : ' (no test runs this)'}\n  - ${was}\n  + ${became}`);
    }
    console.log(`${group.name}: ${killed} of ${all} noticed, ${percent(killed, all)}`);
    totals[group.part].killed += killed;
    totals[group.part].all += all;
  }
  let missed = false;
  for (const part of ['solutions', 'engine'] as const) {
    const { killed, all } = totals[part];
    if (all === 0) continue;
    const reached = killed * 100 >= all * least[part];
    missed ||= !reached;
    console.log(
      `${part}: ${killed} of ${all}, ${percent(killed, all)}, at least ${least[part]} %: ${reached ? 'reached' : 'missed'}`,
    );
  }
  return missed ? 1 : 0;
};
