import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../check/kit/test-folder.ts';
import { startProblems } from './start-problems.ts';
import { lookAtWriting } from './write-access.ts';

it('leaves nothing behind, be the folder there or not', () => {
  const folder = tempFolder();
  mkdirSync(path.join(folder, 'lessons'));
  expect(lookAtWriting(folder, 'lessons')).toEqual({
    state: 'ok',
    found: 'Files can be written into lessons/.',
  });
  expect(lookAtWriting(folder, '.workbook').state).toBe('ok');
  expect(readdirSync(folder, { recursive: true })).toEqual(['lessons']);
});

it.each([
  ['ENOSPC', 'Nothing can be written into lessons/: the disk is full'],
  ['EDQUOT', 'the disk is full, or your share of it is used up.'],
  ['EROFS', 'on a disk that can only be read'],
  ['EACCES', 'Nothing can be written into lessons/ (EACCES): the folder may belong to somebody else.'],
])('says what %s means', (code, expected) => {
  const { state, found, remedy } = lookAtWriting('anywhere', 'lessons', () => {
    throw Object.assign(new Error(code), { code });
  });
  expect(state).toBe('problem');
  expect(found).toContain(expected);
  expect(remedy).toMatch(/\.$/);
});

it('says that a file stands where a folder must be', () => {
  const folder = tempFolder();
  writeFileSync(path.join(folder, '.workbook'), '');
  expect(lookAtWriting(folder, '.workbook').found).toContain('.workbook is a file');
  // On the way to it, the system has another name for that.
  expect(lookAtWriting(folder, path.join('.workbook', 'progress')).found).toContain('progress is a file');
});

it('is said on start, with what to do; and nothing is said when all is well', () => {
  expect(startProblems()).toEqual([]);
  const folder = tempFolder();
  writeFileSync(path.join(folder, '.workbook'), '');
  expect(startProblems(folder)).toEqual([
    '.workbook is a file, and the workbook needs a folder of this name. Give the file another name, or remove it.',
  ]);
});
