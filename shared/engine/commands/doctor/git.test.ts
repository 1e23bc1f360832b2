import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../check/kit/test-folder.ts';
import { lookAtGit } from './git.ts';

afterEach(() => vi.unstubAllEnvs());

const git = (folder: string, ...args: string[]): boolean =>
  spawnSync('git', args, { cwd: folder, stdio: 'ignore' }).status === 0;

describe('git', () => {
  // A repository around the folder, of which the environment may tell, is none of the tests.
  beforeEach(() => {
    for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) vi.stubEnv(name, undefined);
  });

  it('can bring back files that it knows, and only those', async ({ skip }) => {
    const folder = tempFolder();
    skip(!git(folder, 'init'), 'there is no git here');
    writeFileSync(path.join(folder, 'package.json'), '{}');
    expect(await lookAtGit(folder)).toEqual({
      state: 'note',
      found: expect.stringContaining('no clone that it can use'),
    });
    git(folder, 'add', 'package.json');
    expect(await lookAtGit(folder)).toEqual({ state: 'ok', found: 'git can bring back files.' });
  });

  it('is not needed', async () => {
    const folder = tempFolder();
    vi.stubEnv('PATH', folder);
    expect(await lookAtGit(folder)).toEqual({
      state: 'note',
      found: expect.stringMatching(/^git is not installed, .* Nothing else needs it\.$/),
    });
  });
});
