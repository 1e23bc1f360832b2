import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../check/kit/test-folder.ts';
import { bringBack, changedGivenFiles } from './given-files.ts';

const git = (folder: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
};

it('are those that git knows to be changed or gone, and not what a learner writes', async () => {
  const folder = tempFolder();
  const files = ['protos/a.proto', 'shared/b.ts', 'lessons/01-x/steps.test.ts', 'lessons/01-x/server.ts'];
  const write = (text: string): void => {
    for (const file of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
  };
  write('given');
  // Not in a clone, git can tell nothing.
  expect(await changedGivenFiles(folder)).toEqual([]);
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'given');
  expect(await changedGivenFiles(folder)).toEqual([]);
  write('changed');
  rmSync(path.join(folder, 'shared/b.ts'));
  expect(await changedGivenFiles(folder)).toEqual([
    'lessons/01-x/steps.test.ts',
    'protos/a.proto',
    'shared/b.ts',
  ]);
});

it('are named with the way back', () => {
  expect(bringBack([])).toBeUndefined();
  expect(bringBack(['protos/a.proto'])).toBe(
    'protos/a.proto is not as you were given it, and what fails may come from that. Bring it back with: git checkout -- protos/a.proto',
  );
  expect(bringBack(['a', 'b'])).toMatch(/^a and 1 more are not .* git checkout -- a b$/);
});
