import { readdirSync } from 'node:fs';
import path from 'node:path';
import { allLessons } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

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
 * Files of which no unit test runs anything: tests that start real commands do, in processes of their own, and those
 * Stryker does not reach. By their paths from `shared/engine` on, with what tests them.
 */
const reachedByCommandsAlone: Readonly<Record<string, string>> = {
  'cli/*.ts': 'cli/cli.command.test.ts',
  'commands/*.ts': 'commands/loop.command.test.ts',
  'commands/watch/*.ts': 'commands/loop.command.test.ts',
  'terminal/confirm.ts': 'commands/loop.command.test.ts',
  'lesson/{backup,generated-types}.ts': 'commands/loop.command.test.ts',
  'report/{map,standing,undone-step}.ts': 'commands/loop.command.test.ts',
  'run/{half-process,run}.ts': 'run/run.command.test.ts',
  'run/half/{call,link,load,main,serve}.ts': 'run/run.command.test.ts',
  'check/{cross-pairing,grade-lessons,progress,run-checks,type-errors}.ts': 'commands/check.command.test.ts',
  'check/process/*.ts': 'commands/loop.command.test.ts',
  'commands/doctor/generated-types.ts': 'commands/doctor.command.test.ts',
  // The rest of the kit is run by the checks themselves: every wrong answer tries that, in `npm run verify`.
  'check/kit/{calls,check-failure,frames,leaks,printing,setup,signals,stalled,temp-folder,timers}.ts':
    'npm run verify',
  'wire/methods.ts': 'npm run verify',
};

/** @returns the folders of `lib` and of the engine, from `shared` on, that have unit tests of their own */
const testedFolders = (): string[] =>
  ['lib', 'engine']
    .flatMap((floor) => readdirSync(inWorkbook('shared', floor), { recursive: true, withFileTypes: true }))
    .filter(({ name }) => name.endsWith('.test.ts') && !name.endsWith('.command.test.ts'))
    .map(({ parentPath }) => path.relative(inWorkbook('shared'), parentPath).replaceAll('\\', '/'))
    .filter((folder, index, all) => all.indexOf(folder) === index)
    .toSorted();

/** @returns all groups, the lessons' first */
export const allGroups = (): Group[] => [
  ...allLessons().map(({ folder, number }): Group => ({
    name: `lesson:${number}`,
    part: 'solutions',
    mutate: [`solutions/${folder}/{server,client}.ts`],
    tests: [`lessons/${folder}/steps.test.ts`, `solutions/${folder}/proof/*.test.ts`],
  })),
  ...testedFolders().map((folder): Group => ({
    name: folder,
    part: 'engine',
    mutate: [
      `shared/${folder}/*.ts`,
      '!shared/**/*.test.ts',
      ...Object.keys(reachedByCommandsAlone).map((file) => `!shared/engine/${file}`),
    ],
    tests: [`shared/${folder}/*.test.ts`],
  })),
];
