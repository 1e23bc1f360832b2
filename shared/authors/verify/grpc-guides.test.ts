import { describe, expect, it } from 'vitest';
import { guideProblems } from './grpc-guides.ts';

const url = (name: string) => `https://grpc.io/docs/guides/${name}/`;

/** A table with a row for the guide to deadlines, and 23 of guides that no lesson teaches. */
const table = (taught: string, sum = "1 of gRPC's 24 guides") =>
  [
    sum,
    `| [Deadlines](${url('deadlines')}) | ${taught} |`,
    ...Array.from({ length: 23 }, (_, index) => `| [Another](${url(`guide-${index}`)}) | not yet |`),
  ].join('\n');

describe('guideProblems', () => {
  it('finds none in a table that names each guide once, and steps that are there', () => {
    expect(guideProblems(table('lesson 1, step 4'))).toEqual([]);
  });

  it.each([
    ['in lesson 1', '"in lesson 1" is no "lesson 1, step 2", nor "not yet"'],
    ['lesson 1, step 4; lesson 99, step 1', '"lesson 99, step 1" names no lesson that is there'],
    ['lesson 1, step 99', '"lesson 1, step 99" names no step of that lesson'],
    ['lesson 2, step 1', '"lesson 2, step 1" names a lesson that does not lead to the guide'],
  ])('names a step that is not so: %s', (taught, why) => {
    expect(guideProblems(table(taught))).toEqual([`README.md, guide "Deadlines": ${why}.`]);
  });

  it('names a guide that is missing, and a sum that is another', () => {
    const lines = table('lesson 1, step 4', "2 of gRPC's 24 guides").split('\n');
    expect(guideProblems(lines.slice(0, -1).join('\n'))).toEqual([
      'README.md lists 23 guides, 23 of them different; gRPC has 24.',
      "README.md should say: 1 of gRPC's 24 guides.",
    ]);
  });
});
