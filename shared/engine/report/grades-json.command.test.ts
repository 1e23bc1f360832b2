import { afterAll, describe, expect, it } from 'vitest';
import { allLessons } from '../lesson/lessons.ts';
import { WorkbookCopy, type Ended } from '#testkit/workbook-copy.ts';
import type { GradesDocument, LessonDocument } from './grades-json.ts';

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

/** @returns the document, which has to be all that is on standard output */
const documentOf = ({ stdout }: Ended): GradesDocument => JSON.parse(stdout) as GradesDocument;

const states = ({ steps, together }: LessonDocument): string[] =>
  [...steps, together].map(({ state }) => state);

describe('npm run check -- --json', () => {
  it('prints one document with every lesson, whatever the code under check prints', async () => {
    const noise = "console.log('one'); console.error('two'); process.stdout.write('three\\n');";
    workbook.solveBoth('01-unary-hello');
    workbook.solve('01-unary-hello/server.ts', 'callback(null,', `${noise}\n  callback(null,`);
    workbook.solve('02-server-streaming/server.ts', 'call.end()', 'void 0');
    workbook.solve(
      '03-client-streaming/server.ts',
      'callback(null,',
      'const x: number = "";\n    callback(null,',
    );
    workbook.remove('lessons/05-chat/steps.test.ts');
    const ended = await workbook.run(['check', '--json']);
    expect(ended.stderr).toContain('three');
    expect(ended.code).toBe(1);
    const { lessons } = documentOf(ended);
    expect(lessons.map(({ number }) => number)).toEqual(allLessons().map(({ number }) => number));
    const [one, two, three, four, five] = lessons;
    expect(states(one!)).toEqual(Array.from({ length: 6 }, () => 'passed'));
    expect(one!.steps[2]).toEqual({ number: 3, title: 'Get a stub', half: 'client', state: 'passed' });
    expect(one).toMatchObject({ folder: '01-unary-hello', title: 'Unary hello', compilerErrors: [] });
    const failed = two!.steps.filter(({ state }) => state === 'failed');
    expect(failed).toMatchObject([
      { failure: { came: expect.stringContaining('nothing'), at: 'lessons/02-server-streaming/server.ts' } },
    ]);
    expect(three!.compilerErrors).toEqual([
      {
        file: 'lessons/03-client-streaming/server.ts',
        line: expect.any(Number),
        message: "Type 'string' is not assignable to type 'number'.",
      },
    ]);
    expect(new Set(states(four!))).toEqual(new Set(['to do']));
    expect(five!.broken).toContain('lessons/05-chat/steps.test.ts is missing');
    expect(states(five!)).not.toContain('passed');
  });
});

describe('npm run lesson:N check -- --json', () => {
  it('grades one lesson, and the solution with --solution', async () => {
    const ended = await workbook.run(['lesson', '3', 'check', '--json', '--solution']);
    const { lessons, passed, total } = documentOf(ended);
    expect(lessons.map(({ number }) => number)).toEqual([3]);
    expect(passed).toBe(total);
    expect(ended.code).toBe(0);
  });
});
