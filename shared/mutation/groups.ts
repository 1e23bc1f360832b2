import { readdirSync } from 'node:fs';
import path from 'node:path';
import { allLessons } from '../workbook/lessons.ts';
import { inWorkbook } from '../workbook/paths.ts';

/** Files that are changed together, and the tests that ought to notice. */
export interface Group {
  name: string;
  part: 'solutions' | 'engine';
  /** Patterns of the files to change; one that begins with ! takes some away. */
  mutate: string[];
  /** Patterns of the tests. */
  tests: string[];
}

/** How many of a hundred changes the tests have to notice. */
export const least: Record<Group['part'], number> = { solutions: 92, engine: 85 };

/**
 * What the checks lean on, as far as unit tests run it. The rest of its folder serves tests alone, or is run by the checks
 * themselves: every wrong answer tries that, in `npm run verify`.
 */
const ofChecks = 'shared/testing/{bounds,lesson-clients,peers,timeline}.ts';

/** Folders of `shared/` that are no engine, but for those files: tools for tests and for authors. */
const tools = ['benchmark', 'hostile', 'interop', 'mutation', 'testing', 'workbook/verify'];

/**
 * Files of which no unit test runs anything: tests that start real commands do, in processes of their own, and those
 * Stryker does not reach. By their paths from `shared` on, with what tests them.
 */
const reachedByCommandsAlone: Readonly<Record<string, string>> = {
  'workbook/{cli,map,start}.ts': 'workbook/cli.command.test.ts',
  'workbook/{command,compare,confirm,hint,progress,reset,reveal,shelf,standing,undone-step,verbs}.ts':
    'workbook/loop.command.test.ts',
  'workbook/watch/*.ts': 'workbook/loop.command.test.ts',
  'workbook/{half-process,run}.ts': 'workbook/run.command.test.ts',
  'workbook/half/{call,link,load,main,serve}.ts': 'workbook/run.command.test.ts',
  'workbook/{check,cross-pairing,grade-lessons,run-checks,type-errors}.ts': 'workbook/check.command.test.ts',
  'workbook/{doctor,doctor/generated-types}.ts': 'workbook/doctor.command.test.ts',
};

/** @returns the folders of the engine, from `shared` on, that have files of their own */
const engineFolders = (): string[] =>
  readdirSync(inWorkbook('shared'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath }) => path.relative(inWorkbook('shared'), parentPath).replaceAll('\\', '/'))
    .filter((folder, index, all) => all.indexOf(folder) === index)
    .filter((folder) => !tools.some((tool) => folder === tool || folder.startsWith(`${tool}/`)))
    .filter((folder) => !(`${folder}/*.ts` in reachedByCommandsAlone))
    .toSorted();

/** @returns all groups, the lessons' first */
export const allGroups = (): Group[] => [
  ...allLessons().map(({ folder, number }): Group => ({
    name: `lesson:${number}`,
    part: 'solutions',
    mutate: [`solutions/${folder}/{server,client}.ts`],
    tests: [`lessons/${folder}/steps.test.ts`, `solutions/${folder}/*.test.ts`],
  })),
  ...engineFolders().map((folder): Group => ({
    name: folder,
    part: 'engine',
    mutate: [
      `shared/${folder}/*.ts`,
      '!shared/**/*.test.ts',
      ...Object.keys(reachedByCommandsAlone).map((file) => `!shared/${file}`),
    ],
    tests: [`shared/${folder}/*.test.ts`],
  })),
  { name: 'testing', part: 'engine', mutate: [ofChecks], tests: ['shared/testing/*.test.ts'] },
];
