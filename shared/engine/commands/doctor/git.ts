import { spawnSync } from 'node:child_process';
import { note, ok, type Finding } from './finding.ts';

/**
 * Looks whether git could bring back a file of the workbook.
 *
 * @param folder - the workbook's top folder
 */
export const lookAtGit = (folder: string): Finding => {
  const { error, status } = spawnSync('git', ['ls-files', '--error-unmatch', 'package.json'], {
    cwd: folder,
    stdio: 'ignore',
    timeout: 5_000,
    windowsHide: true,
  });
  if (error) return note('git is not installed, so it cannot bring back files. Nothing else needs it.');
  return status === 0
    ? ok('git can bring back files.')
    : note(
        'git is installed, but this folder is no clone that it can use, so it cannot bring back files. Nothing else needs it.',
      );
};
