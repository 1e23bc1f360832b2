import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { writeWhole } from './atomic-write.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = path.join(folder, 'file');
});

it('takes the place of what was there, or leaves it', () => {
  writeWhole(file, 'old');
  writeWhole(file, 'another one', { once: true });
  expect(readFileSync(file, 'utf8')).toBe('old');
  writeWhole(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['file']);
});

it('leaves nothing behind when it fails, and says of which file', () => {
  mkdirSync(path.join(file, 'in the way'), { recursive: true });
  expect(thrownBy(() => writeWhole(file, 'new'))).toMatchObject({ path: file });
  expect(readdirSync(folder)).toEqual(['file']);
});

// A shell can limit the size of files, which fails half-way, as a full disk does.
it.skipIf(process.platform === 'win32')('is never half of it', () => {
  writeFileSync(file, 'old');
  const program = `
    process.on('SIGXFSZ', () => {});
    const { writeWhole } = await import(${JSON.stringify(new URL('./atomic-write.ts', import.meta.url).href)});
    try { writeWhole(${JSON.stringify(file)}, 'x'.repeat(200_000)); } catch ({ code }) { console.log(code); }`;
  const flags = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program];
  // tsx keeps what it has compiled in files of its own: they are not meant.
  const env = { ...process.env, TSX_DISABLE_CACHE: '1' };
  const limited = spawnSync('sh', ['-c', 'ulimit -f 100; exec "$@"', 'sh', process.execPath, ...flags], {
    env,
  });
  expect(limited.stdout.toString()).toBe('EFBIG\n');
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file']);
});
