import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../engine/check/kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { fileProblem } from './file-errors.ts';

const problemOf = (act: () => unknown): string => fileProblem(thrownBy(act));

it('says in words what stands in the way of a file', () => {
  const folder = tempFolder();
  const at = (...names: string[]): string => path.join(folder, ...names);
  mkdirSync(at('folder'));
  writeFileSync(at('file'), '');
  symlinkSync(at('nowhere'), at('link'));
  expect(problemOf(() => readFileSync(at('folder')))).toBe(
    'there is a folder of this name, and it should be a file',
  );
  expect(problemOf(() => readFileSync(at('file', 'in it')))).toContain('is a file, and should be a folder');
  expect(problemOf(() => readFileSync(at('link')))).toContain('leads to something that is not there');
});

it('leaves what it does not know in the words that it came in', () => {
  expect(fileProblem(Object.assign(new Error('odd'), { code: 'EODD' }))).toBe('odd');
  expect(fileProblem(new Error('no code'))).toBe('no code');
});
