import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { runScript } from '#testkit/script-run.ts';
import { tempFolder } from '#kit/test-folder.ts';
import type * as paths from '../../engine/lesson/paths.ts';

/** The teacher's workbook: the script changes the one that it lies in. */
const teacher = vi.hoisted(() => ({ folder: '' }));
vi.mock('../../engine/lesson/paths.ts', async (original) => ({
  ...(await original<typeof paths>()),
  inWorkbook: (...names: string[]) => path.join(teacher.folder, ...names),
  relativePath: (file: string) => path.relative(teacher.folder, file).split(path.sep).join('/'),
}));

const lessons = ['01-one', '02-two'];
const write = (folder: string, file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const workbook = (whose: string): string => {
  const folder = tempFolder();
  for (const lesson of lessons) {
    mkdirSync(path.join(folder, 'solutions', lesson), { recursive: true });
    for (const file of ['server.ts', 'client.ts', 'steps.test.ts'])
      write(folder, `lessons/${lesson}/${file}`, whose);
  }
  return folder;
};
const taken = (file: string): string | undefined => {
  const whole = path.join(teacher.folder, file);
  return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined;
};
const run = (...args: string[]) => runScript(() => import('./take-answers.ts'), args);

beforeEach(() => {
  teacher.folder = workbook('teacher');
});

it('takes the two files of each lesson, and nothing else', async () => {
  const { code, printed } = await run(workbook('student'));
  expect(code).toBe(0);
  expect(printed).toEqual(
    lessons.flatMap((lesson) => [
      `taken    lessons/${lesson}/server.ts`,
      `taken    lessons/${lesson}/client.ts`,
    ]),
  );
  for (const lesson of lessons) {
    expect(taken(`lessons/${lesson}/server.ts`)).toBe('student');
    expect(taken(`lessons/${lesson}/client.ts`)).toBe('student');
    expect(taken(`lessons/${lesson}/steps.test.ts`)).toBe('teacher');
  }
});

// Windows lets only some people make a link to a file.
it.skipIf(process.platform === 'win32')('has missing what is no file of the student’s own', async () => {
  const student = tempFolder();
  // What is missing here, too.
  rmSync(path.join(teacher.folder, 'lessons/02-two/client.ts'));
  write(student, 'lessons/01-one/client.ts', 'student');
  mkdirSync(path.join(student, 'lessons/02-two/client.ts'), { recursive: true });
  symlinkSync(
    path.join(teacher.folder, 'lessons/01-one/server.ts'),
    path.join(student, 'lessons/02-two/server.ts'),
  );
  const { code, printed } = await run(student);
  expect(code).toBe(0);
  expect(printed).toEqual([
    'missing  lessons/01-one/server.ts',
    'taken    lessons/01-one/client.ts',
    'missing  lessons/02-two/server.ts',
    'missing  lessons/02-two/client.ts',
  ]);
  expect(taken('lessons/01-one/server.ts')).toBeUndefined();
  expect(taken('lessons/02-two/server.ts')).toBeUndefined();
});

it('is refused for what is no workbook', async () => {
  const folder = tempFolder();
  expect(await run(folder)).toEqual({
    code: 2,
    printed: [`"${folder}" is no workbook: name a folder that has lessons/ in it.`],
  });
  expect(await run()).toEqual({
    code: 2,
    printed: ['Nothing is no workbook: name a folder that has lessons/ in it.'],
  });
  expect(taken('lessons/01-one/server.ts')).toBe('teacher');
});
