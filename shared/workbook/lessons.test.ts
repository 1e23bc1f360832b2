import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allLessons, fileOf, readmeOf, stepsOf, todosOf } from './lessons.ts';
import { halves, inWorkbook, shown } from './paths.ts';

describe('the lessons', () => {
  it('are numbered without a gap, and named by the first heading of their README', () => {
    const lessons = allLessons();
    expect(lessons.map(({ number }) => number)).toEqual(lessons.map((_, index) => index + 1));
    expect(lessons[0]).toEqual({ number: 1, folder: '01-unary-hello', title: 'Unary hello' });
    for (const { folder, number, title } of lessons) {
      expect(readmeOf(folder)).toMatch(new RegExp(`^# (Lesson ${number} · )?${title}\\n`));
    }
  });

  it('have steps, counted from 1 through both files, with the titles of the README', () => {
    for (const { folder } of allLessons()) {
      const steps = stepsOf(folder);
      expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
      for (const { number, title } of steps) {
        expect(readmeOf(folder)).toContain(`\n### Step ${number} · ${title}\n`);
      }
      expect([...new Set(steps.map(({ half }) => half))].every((half) => halves.includes(half))).toBe(true);
    }
    expect(stepsOf('01-unary-hello').map(({ half }) => half)).toContain('client');
  });

  it('have a README, or else an empty one', () => {
    expect(readmeOf('01-unary-hello')).toMatch(/^# /);
    expect(readmeOf('99-lost')).toBe('');
  });

  it('say of each step that is to do the very line that throws', () => {
    for (const { folder } of allLessons()) {
      for (const { file, line, number, half } of todosOf(folder)) {
        expect(file).toBe(`lessons/${folder}/${half}.ts`);
        const text = readFileSync(fileOf('lessons', folder, half), 'utf8').split(/\r?\n/)[line - 1];
        expect(text).toContain(`Step ${number} is not written yet`);
      }
    }
  });
});

it('a path is shown from the top folder on', () => {
  expect(shown(inWorkbook('lessons', '01-x', 'server.ts'))).toBe('lessons/01-x/server.ts');
});
