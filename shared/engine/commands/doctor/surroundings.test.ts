import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canPrompt } from '#shared/terminal/prompt.ts';
import { tempFolder } from '../../check/kit/temp-folder.ts';
import { lookAtEnvironment, lookAtGit, lookAtTerminal } from './surroundings.ts';

vi.mock('#shared/terminal/prompt.ts', () => ({ canPrompt: vi.fn() }));

afterEach(() => vi.unstubAllEnvs());

it('a terminal in which nobody can be asked is worth a note, and no more', () => {
  vi.mocked(canPrompt).mockReturnValueOnce(false);
  expect(lookAtTerminal()).toEqual({ state: 'note', found: expect.stringContaining('no terminal') });
  vi.mocked(canPrompt).mockReturnValueOnce(true);
  expect(lookAtTerminal()).toEqual({ state: 'ok', found: expect.stringContaining('can ask you') });
});

it('what changes gRPC in the environment is worth a note, with what it does', () => {
  expect(lookAtEnvironment({ PATH: '/bin', grpc_proxy: '' }).state).toBe('ok');
  const { state, found } = lookAtEnvironment({ http_proxy: 'http://proxy:3128', GRPC_TRACE: 'all' });
  expect(state).toBe('note');
  expect(found).toContain('http_proxy=http://proxy:3128 (calls to other machines go through this proxy');
  expect(found).toContain('GRPC_TRACE=all (grpc-js prints what it does)');
});

const git = (folder: string, ...args: string[]): boolean =>
  spawnSync('git', args, { cwd: folder, stdio: 'ignore' }).status === 0;

describe('git', () => {
  // A repository around the folder, of which the environment may tell, is none of the tests.
  beforeEach(() => {
    for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) vi.stubEnv(name, undefined);
  });

  it('can bring back files that it knows, and only those', ({ skip }) => {
    const folder = tempFolder();
    skip(!git(folder, 'init'), 'there is no git here');
    writeFileSync(path.join(folder, 'package.json'), '{}');
    expect(lookAtGit(folder)).toEqual({
      state: 'note',
      found: expect.stringContaining('no clone that it can use'),
    });
    git(folder, 'add', 'package.json');
    expect(lookAtGit(folder)).toEqual({ state: 'ok', found: 'git can bring back files.' });
  });

  it('is not needed', () => {
    const folder = tempFolder();
    vi.stubEnv('PATH', folder);
    expect(lookAtGit(folder)).toEqual({
      state: 'note',
      found: expect.stringMatching(/^git is not installed, .* Nothing else needs it\.$/),
    });
  });
});
