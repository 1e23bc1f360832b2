import { readdirSync } from 'node:fs';
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

/** Folders of `shared/` that are no engine: tools for tests and for authors. */
const tools = ['benchmark', 'hostile', 'interop', 'mutation', 'testing'];

/** @returns all groups, the lessons' first */
export const allGroups = (): Group[] => [
  ...allLessons().map(({ folder, number }): Group => ({
    name: `lesson:${number}`,
    part: 'solutions',
    mutate: [`solutions/${folder}/{server,client}.ts`],
    tests: [`lessons/${folder}/steps.test.ts`, `solutions/${folder}/*.test.ts`],
  })),
  ...readdirSync(inWorkbook('shared'))
    .filter((folder) => !tools.includes(folder))
    .map((folder): Group => ({
      name: folder,
      part: 'engine',
      mutate: [`shared/${folder}/**/*.ts`, '!shared/**/*.test.ts', '!shared/workbook/verify/**'],
      tests: [`shared/${folder}/**/*.test.ts`],
    })),
];
