import { cpSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { allLessons } from '../engine/lesson/lessons.ts';
import { inWorkbook } from '../engine/lesson/paths.ts';

it('makes a lesson that passes as it is, and stands in every list', async () => {
  const workbook = new WorkbookCopy();
  onTestFinished(() => workbook.delete());
  for (const name of ['README.md', '.vscode']) {
    cpSync(inWorkbook(name), path.join(workbook.folder, name), { recursive: true });
  }
  const next = String(allLessons().length + 1);
  const refused = await workbook.run(['author', 'new', `${next}0`, 'Too far']);
  expect(refused.stderr).toContain(`npm run author new ${next} "`);
  const { code } = await workbook.run(['author', 'new', next, "What's next, and why"]);
  expect(code).toBe(0);
  const { stdout } = await workbook.run(['lesson', next, 'check', '--solution']);
  expect(stdout).toContain(`Lesson ${next} · What's next, and why`);
  expect(stdout).toContain('5 of 5 steps passed.');
  expect(workbook.read('package.json')).toContain(
    `"lesson:${next}": "node shared/engine/cli/launch.js lesson ${next}"`,
  );
  expect(workbook.read('README.md')).toContain(
    `| ${next} | [What's next, and why](lessons/${next}-what-s-next-and-why/README.md) |`,
  );
  for (const file of ['.vscode/tasks.json', '.vscode/launch.json']) {
    expect(workbook.read(file)).toContain(
      `{ "label": "${next} · What's next, and why", "value": "${next}" }`,
    );
  }
});
