import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../check/kit/test-folder.ts';
import { allLessons, fileOf, readmeOf, stepsOf, todosOf } from './lessons.ts';

/** A workbook of its own: what the learner of the real one has written must not matter. */
const workbook = vi.hoisted(() => ({ root: '' }));
vi.mock('./paths.ts', async (original) => ({
  ...(await original<typeof import('./paths.ts')>()),
  inWorkbook: (...names: string[]) => [workbook.root, ...names].join('/'),
  relativePath: (file: string) => file.slice(workbook.root.length + 1),
}));

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(workbook.root, file)), { recursive: true });
  writeFileSync(path.join(workbook.root, file), text);
};
const region = (step: number): string => `//#region Step ${step} · Of the solution ${step}\n//#endregion\n`;

beforeEach(() => {
  workbook.root = tempFolder();
  write('solutions/02-two-ways/server.ts', region(2) + region(11));
  write('solutions/02-two-ways/client.ts', region(1) + region(10));
  write('solutions/10-last/server.ts', '');
  write('solutions/01-first/server.ts', '');
  write('solutions/README.md', '');
  for (const folder of ['notes', 'x01-x', '01-x.old', '1-x']) write(`solutions/${folder}/server.ts`, '');
  write(
    'lessons/02-two-ways/README.md',
    'Text\r\n# Lesson 2 · Both ways  \r\n\r\n### Step 1 · Say one \r\n\r\n### Step 11 · Say eleven\r\n\r\nSee ### Step 2 · Not this\r\n',
  );
  write('lessons/10-last/README.md', '## Not this # nor this\n\n# The last\n');
  const todo = (step: number): string => `throw new Error('Step ${step} is not written yet');\n`;
  write('lessons/02-two-ways/server.ts', `\n${todo(11)}`);
  write('lessons/02-two-ways/client.ts', `${todo(10)}\n${todo(1)}`);
});

describe('the lessons', () => {
  it('are those of the solutions, in order, each with the title of its README or else of its folder', () => {
    rmSync(path.join(workbook.root, 'lessons', '01-first'), { recursive: true, force: true });
    expect(allLessons()).toEqual([
      { number: 1, folder: '01-first', title: 'first' },
      { number: 2, folder: '02-two-ways', title: 'Both ways' },
      { number: 10, folder: '10-last', title: 'The last' },
    ]);
    rmSync(path.join(workbook.root, 'lessons'), { recursive: true });
    expect(allLessons()[1]!.title).toBe('two ways');
  });

  it('have a README, read with the line endings of any system, or else an empty one', () => {
    expect(readmeOf('02-two-ways')).toMatch(/^Text\n# Lesson 2/);
    expect(readmeOf('99-lost')).toBe('');
  });

  it('have two files each', () => {
    expect(fileOf('solutions', '10-last', 'client')).toBe(`${workbook.root}/solutions/10-last/client.ts`);
  });
});

describe('the steps of a lesson', () => {
  it('are counted through both files, with the titles of the README or else of the solution', () => {
    expect(stepsOf('02-two-ways')).toEqual([
      { number: 1, title: 'Say one', half: 'client' },
      { number: 2, title: 'Of the solution 2', half: 'server' },
      { number: 10, title: 'Of the solution 10', half: 'client' },
      { number: 11, title: 'Say eleven', half: 'server' },
    ]);
  });

  it('are to do while the line that throws stands in the learner’s file', () => {
    const file = 'lessons/02-two-ways/client.ts';
    expect(todosOf('02-two-ways')).toEqual([
      { number: 1, title: 'Say one', half: 'client', file, line: 3 },
      { number: 10, title: 'Of the solution 10', half: 'client', file, line: 1 },
      { number: 11, title: 'Say eleven', half: 'server', file: 'lessons/02-two-ways/server.ts', line: 2 },
    ]);
    rmSync(path.join(workbook.root, file));
    expect(todosOf('02-two-ways').map(({ number }) => number)).toEqual([11]);
  });
});
