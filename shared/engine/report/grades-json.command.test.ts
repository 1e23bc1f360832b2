import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  let ended: Ended;
  let grades: GradesDocument;
  const lesson = (number: number): LessonDocument =>
    grades.lessons.find((each) => each.number === number) ?? expect.fail(`lesson ${number} is not there`);

  beforeAll(async () => {
    const noise = "console.log('one'); console.error('two'); process.stdout.write('three\\n');";
    workbook.solve('01-unary-hello/server.ts', 'callback(null,', `${noise}\n  callback(null,`);
    workbook.solve('01-unary-hello/client.ts');
    workbook.solve('02-server-streaming/server.ts', 'call.end()', 'void 0');
    workbook.solve(
      '03-client-streaming/server.ts',
      'callback(null,',
      'const x: number = "";\n    callback(null,',
    );
    workbook.remove('lessons/05-chat/steps.test.ts');
    ended = await workbook.run(['check', '--json']);
    grades = documentOf(ended);
  }, 60_000);

  it('prints one document with every lesson, whatever the code under check prints', () => {
    expect(grades.version).toBe(1);
    expect(grades.lessons.map(({ number }) => number)).toEqual(allLessons().map(({ number }) => number));
    expect(grades.lessons[0]).toMatchObject({ folder: '01-unary-hello', title: 'Unary hello' });
    expect(ended.stderr).toContain('three');
  });

  it('counts the steps that have passed', () => {
    const steps = grades.lessons.flatMap((each) => each.steps);
    expect(grades.total).toBe(steps.length);
    expect(grades.passed).toBe(steps.filter(({ state }) => state === 'passed').length);
    expect(grades.passed).toBeGreaterThan(5);
  });

  it('leaves with 1 as long as anything has not passed', () => {
    expect(ended.code).toBe(1);
  });

  it('says that a finished lesson has passed, alone and together', () => {
    expect(states(lesson(1))).toEqual(['passed', 'passed', 'passed', 'passed', 'passed', 'passed']);
    expect(lesson(1).steps[2]).toEqual({ number: 3, title: 'Get a stub', half: 'client', state: 'passed' });
    expect(lesson(1).compilerErrors).toEqual([]);
    expect(lesson(1)).not.toHaveProperty('broken');
  });

  it('says of a failed step which check failed, what came, and where to look', () => {
    const failed = lesson(2).steps.filter(({ state }) => state === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      half: 'server',
      failure: { came: expect.stringContaining('nothing'), at: 'lessons/02-server-streaming/server.ts' },
    });
    expect(Object.keys(failed[0]!.failure!)).toEqual(['check', 'expected', 'came', 'advice', 'at']);
  });

  it('calls a step to do while its TODO line stands', () => {
    expect(new Set(states(lesson(4)))).toEqual(new Set(['to do']));
  });

  it('tells what the compiler says of a lesson, in that lesson alone', () => {
    expect(lesson(3).compilerErrors).toEqual([
      {
        file: 'lessons/03-client-streaming/server.ts',
        line: expect.any(Number),
        message: "Type 'string' is not assignable to type 'number'.",
      },
    ]);
  });

  it('keeps a lesson whose checks are missing, and says why it could not be graded', () => {
    expect(lesson(5).broken).toContain('lessons/05-chat/steps.test.ts is missing');
    expect(states(lesson(5))).not.toContain('passed');
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

  it('prints a document even when the checks of that lesson are missing', async () => {
    const ended = await workbook.run(['lesson', '5', 'check', '--json']);
    expect(documentOf(ended).lessons[0]!.broken).toContain('is missing');
    expect(ended.code).toBe(1);
  });

  it('is refused where nothing is graded', async () => {
    const { code, stdout, stderr } = await workbook.run(['lesson', '1', '--json']);
    expect(stderr).toContain('--json is for grades: npm run --silent lesson:1 check -- --json');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
