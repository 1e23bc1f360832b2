import { readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { writeWhole } from './atomic-write.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, renameSync: vi.fn(real.renameSync) };
});

const refuse = (): never => {
  throw Object.assign(new Error('held'), { code: 'EBUSY' });
};

it('waits while another program holds the file open, and gives up after a second', () => {
  const folder = tempFolder();
  const file = path.join(folder, 'file');
  vi.mocked(renameSync).mockImplementationOnce(refuse).mockImplementationOnce(refuse);
  writeWhole(file, 'old');
  expect(readFileSync(file, 'utf8')).toBe('old');
  vi.mocked(renameSync).mockImplementation(refuse);
  expect(thrownBy(() => writeWhole(file, 'new'))).toMatchObject({ code: 'EBUSY', path: file });
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file']);
});
