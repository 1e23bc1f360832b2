import { expect, it } from 'vitest';
import type { Grade } from '../check/grade.ts';
import { gradesDocument } from './grades-json.ts';

const lesson = { number: 1, folder: '01-x', title: 'X' };
const failure = { expected: 'a', came: 'b', advice: 'c', at: '', timeline: ['client → hello'] };
const grade: Grade = {
  lesson,
  steps: [
    { number: 1, title: 'One', half: 'server', state: 'passed' },
    { number: 2, title: 'Two', half: 'client', state: 'failed', failed: { check: 'does it', failure } },
    {
      number: 3,
      title: 'Three',
      half: 'client',
      state: 'failed',
      failed: { check: 'does that', failure: { ...failure, at: 'lessons/01-x/client.ts:7' } },
    },
  ],
  together: { state: 'failed', failed: { check: 'both', failure } },
  output: ['printed'],
};
const own = { file: 'lessons/01-x/client.ts', line: 3, message: 'no' };
const others = { file: 'lessons/02-y/client.ts', line: 4, message: 'no' };

it('says of each step what its check said, where to look, and nothing that is only for people', () => {
  const document = gradesDocument(
    [grade, { ...grade, lesson: { ...lesson, folder: '02-y' } }],
    [own, others],
  );
  const failed = { expected: 'a', came: 'b', advice: 'c' };
  expect(document).toMatchObject({ version: 1, passed: 2, total: 6 });
  expect(document.lessons[0]).toEqual({
    ...lesson,
    steps: [
      { number: 1, title: 'One', half: 'server', state: 'passed' },
      {
        number: 2,
        title: 'Two',
        half: 'client',
        state: 'failed',
        // Where no line is known, the file is.
        failure: { check: 'does it', ...failed, at: 'lessons/01-x/client.ts' },
      },
      {
        number: 3,
        title: 'Three',
        half: 'client',
        state: 'failed',
        failure: { check: 'does that', ...failed, at: 'lessons/01-x/client.ts:7' },
      },
    ],
    together: { state: 'failed', failure: { check: 'both', ...failed, at: 'lessons/01-x/' } },
    compilerErrors: [own],
  });
  expect(document.lessons[0]).not.toHaveProperty('broken');
  expect(document.lessons[1]!.compilerErrors).toEqual([others]);
});

it('says why checks could not be run', () => {
  const { lessons } = gradesDocument([{ ...grade, steps: [], broken: 'gone' }], []);
  expect(lessons).toMatchObject([{ broken: 'gone', steps: [], compilerErrors: [] }]);
});
