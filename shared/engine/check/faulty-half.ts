import type { Grade } from './grade.ts';
import { togetherTitle } from './check-events.ts';
import { checksOf, fileOf } from '../lesson/lessons.ts';
import type { Half } from '../lesson/paths.ts';
import { Checks } from './run-checks.ts';

const other: Record<Half, Half> = { server: 'client', client: 'server' };

/**
 * Runs all checks: what fails in the last one may be left over from those before.
 *
 * @returns whether a learner's half works together with the finished other one; undefined when that could not be found out
 */
const worksWithFinished = async (folder: string, half: Half): Promise<boolean | undefined> => {
  const replaced = `#answers/${folder}/${other[half]}.ts`;
  const file = checksOf(folder);
  const checks = new Checks([file], 'lessons', {
    plugins: [
      {
        name: 'grpc-workbook:cross-pairing',
        enforce: 'pre',
        resolveId: (source) => (source === replaced ? fileOf('solutions', folder, other[half]) : null),
      },
    ],
  });
  const { seen, ended } = await checks.run();
  if (!ended) return undefined;
  await checks.close();
  const results = seen.get(file)!.checks.filter(({ group }) => group === togetherTitle);
  return results.length === 0 ? undefined : results.every(({ result }) => result === 'passed');
};

const verdict = (server: boolean | undefined, client: boolean | undefined): string | undefined => {
  if (server === undefined || client === undefined) return undefined;
  // Each works with the finished other one: then nothing tells which of them to look into.
  if (server && client) return undefined;
  if (server) return 'Your server works with the finished client: look into client.ts.';
  if (client) return 'Your client works with the finished server: look into server.ts.';
  return 'Neither of your halves works with the finished other one. Begin with server.ts.';
};

/**
 * Finds out which half is at fault when each step passes, and both halves together do not: pairs each of them with the
 * finished other one.
 *
 * @returns the same grade; where it can be told, the advice names the half
 */
export const withFaultyHalf = async (grade: Grade): Promise<Grade> => {
  const { lesson, together } = grade;
  if (!together.failed) return grade;
  const found = verdict(
    await worksWithFinished(lesson.folder, 'server'),
    await worksWithFinished(lesson.folder, 'client'),
  );
  if (found === undefined) return grade;
  const { failure } = together.failed;
  const advice = [failure.advice, found].filter((text) => text !== '').join(' ');
  return {
    ...grade,
    together: { ...together, failed: { ...together.failed, failure: { ...failure, advice } } },
  };
};
