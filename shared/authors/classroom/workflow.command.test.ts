import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

const teacher = new WorkbookCopy();
const student = new WorkbookCopy();
afterAll(() => {
  teacher.delete();
  student.delete();
});

const workflow = readFileSync(inWorkbook('.github/classroom/grade.yml'), 'utf8');
const scripts = [...workflow.matchAll(/shared\/authors\/classroom\/[\w-]+\.ts/g)].map(([file]) => file);

/** Runs a script in the teacher's workbook, as the workflow does. */
const run = (script: string, ...args: string[]): Promise<{ code: number; stdout: string }> =>
  new Promise((resolve) => {
    const command = ['--import', 'tsx', script, ...args];
    execFile(process.execPath, command, { cwd: teacher.folder }, (error, stdout) => {
      resolve({ code: error ? Number(error.code) : 0, stdout });
    });
  });

it("takes a student's answers, grades them by the teacher's checks, and sums up", async () => {
  student.solve('01-unary-hello/server.ts');
  student.solve('01-unary-hello/client.ts');
  student.write('lessons/02-server-streaming/steps.test.ts', '// every step passes');
  const [take, sumUp] = scripts as [string, string];
  expect((await run(take, student.folder)).code).toBe(0);
  const grades = await teacher.run(['check', '1', '2', '--json']);
  teacher.write('grades.json', grades.stdout);
  const done = await run(sumUp, 'grades.json', '1');
  expect(done.stdout).toContain('**Passed**');
  expect(done.stdout).toMatch(/2 · Server streaming \| no \| 0 of \d+ \| not done/);
  expect(done.code).toBe(0);
  expect((await run(sumUp, 'grades.json', '1', '2')).code).toBe(1);
});

it('starts nowhere before it is copied', () => {
  expect(scripts).toHaveLength(2);
  expect(() => readFileSync(inWorkbook('.github/workflows/grade.yml'))).toThrow('ENOENT');
});
