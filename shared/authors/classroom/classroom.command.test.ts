import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkbookCopy, type Ended } from '#testkit/workbook-copy.ts';
import type { GradesDocument, LessonDocument, StepDocument } from '../../engine/report/grades-json.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

const teacher = new WorkbookCopy();
afterAll(() => teacher.delete());

/** Runs a script in the teacher's workbook, as the workflow does. */
const run = (script: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = ['--import', 'tsx', `shared/authors/classroom/${script}`, ...args];
    execFile(process.execPath, command, { cwd: teacher.folder }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

describe("taking a student's answers", () => {
  const student = new WorkbookCopy();
  afterAll(() => student.delete());
  let ended: Ended;

  beforeAll(async () => {
    student.write('lessons/01-unary-hello/server.ts', '// mine');
    student.write('lessons/01-unary-hello/steps.test.ts', '// every step passes');
    student.write('shared/engine/check/grade.ts', '// always passed');
    student.remove('lessons/02-server-streaming/client.ts');
    ended = await run('take-answers.ts', student.folder);
  });

  it('brings the two files of each lesson', () => {
    expect(teacher.read('lessons/01-unary-hello/server.ts')).toBe('// mine');
    expect(ended.stdout).toContain('taken    lessons/10-secure-connection/client.ts');
    expect(ended.code).toBe(0);
  });

  it('leaves the checks, and what runs them, as they are', () => {
    expect(teacher.read('lessons/01-unary-hello/steps.test.ts')).toContain('describe(');
    expect(teacher.read('shared/engine/check/grade.ts')).toContain('gradeOf');
  });

  it('lets a file that the student has removed be missing', () => {
    expect(ended.stdout).toContain('missing  lessons/02-server-streaming/client.ts');
    expect(() => teacher.read('lessons/02-server-streaming/client.ts')).toThrow('ENOENT');
  });

  // Windows lets only some people make a link to a file.
  it.skipIf(process.platform === 'win32')(
    'does not follow a link, which could lead to a solution',
    async () => {
      const file = 'lessons/03-client-streaming/server.ts';
      student.remove(file);
      symlinkSync(inWorkbook('solutions/03-client-streaming/server.ts'), path.join(student.folder, file));
      const { stdout } = await run('take-answers.ts', student.folder);
      expect(stdout).toContain(`missing  ${file}`);
      expect(() => teacher.read(file)).toThrow('ENOENT');
    },
  );

  it('is refused for a folder that is no workbook', async () => {
    const { code, stderr } = await run('take-answers.ts', path.join(student.folder, 'protos'));
    expect(stderr).toContain('is no workbook: name a folder that has lessons/ in it.');
    expect(code).toBe(2);
  });
});

describe('the summary of the grades', () => {
  const step: StepDocument = { number: 1, title: 'Answer', half: 'server', state: 'passed' };
  const done: LessonDocument = {
    number: 1,
    folder: '01-unary-hello',
    title: 'Unary hello',
    steps: [step],
    together: { state: 'passed' },
    compilerErrors: [],
  };
  const failure = { check: 'answers', expected: 'b', came: '<b> | *c*\nd', advice: '', at: '' };
  const failed: LessonDocument = {
    ...done,
    number: 2,
    title: 'Server streaming',
    steps: [step, { ...step, number: 2, title: 'Pause', state: 'failed', failure }],
    together: { state: 'not checked' },
  };
  const write = (lessons: LessonDocument[]): void => {
    const document: GradesDocument = { version: 1, passed: 2, total: 3, lessons };
    teacher.write('grades.json', JSON.stringify(document));
  };

  it('passes when every required lesson is done, whatever the others are', async () => {
    write([done, failed]);
    const { code, stdout } = await run('summary.ts', 'grades.json', '1');
    expect(stdout).toContain('| 1 · Unary hello | yes | 1 of 1 | done |  |');
    expect(stdout).toContain('**Passed**: every required lesson is done (1).');
    expect(code).toBe(0);
  });

  it('does not pass while one is not done, and says what came of its first failed step', async () => {
    write([done, failed]);
    const { code, stdout } = await run('summary.ts', 'grades.json', '1', '2');
    expect(stdout).toContain(
      '| 2 · Server streaming | yes | 1 of 2 | not done | Step 2 · Pause: came &#60;b> &#124; &#42;c&#42; d |',
    );
    expect(stdout).toContain('2 of 3 steps passed.');
    expect(stdout).toContain('**Not passed yet**: of the required lessons, 2 is not done.');
    expect(code).toBe(1);
  });

  it('does not call a lesson done whose halves do not work together, or whose checks could not be run', async () => {
    write([
      { ...done, together: { state: 'failed', failure } },
      { ...failed, broken: 'the checks are missing' },
    ]);
    const { code, stdout } = await run('summary.ts', 'grades.json', '1', '2');
    expect(stdout).toContain('| 1 of 1 | not done | Both halves together: came');
    expect(stdout).toContain('| not done | the checks are missing |');
    expect(code).toBe(1);
  });

  it.each([
    ['no grades', 'not JSON', ['1'], 'grades.json holds no grades, so the check itself has failed'],
    ['a lesson that is not there', undefined, ['99'], 'There is no lesson 99 among the grades.'],
    ['no lesson', undefined, [], 'Name the file with the grades, and the numbers of the lessons'],
  ])('is refused for %s', async (_what, text, numbers, message) => {
    write([done]);
    if (text !== undefined) teacher.write('grades.json', text);
    const { code, stderr } = await run('summary.ts', 'grades.json', ...numbers);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the workflow for a class', () => {
  it('runs scripts that are there, and starts nowhere before it is copied', () => {
    const text = readFileSync(inWorkbook('.github/classroom/grade.yml'), 'utf8');
    const scripts = [...text.matchAll(/shared\/authors\/classroom\/[\w-]+\.ts/g)].map(([file]) => file);
    expect(scripts).toEqual([
      'shared/authors/classroom/take-answers.ts',
      'shared/authors/classroom/summary.ts',
    ]);
    for (const file of scripts) expect(teacher.read(file)).not.toBe('');
    expect(() => readFileSync(inWorkbook('.github/workflows/grade.yml'))).toThrow('ENOENT');
  });
});
