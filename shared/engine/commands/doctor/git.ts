import { runToEnd } from '../../lesson/child-process.ts';
import { note, ok, type Finding } from './finding.ts';

/** Looks whether git could bring back a file of the workbook. */
export const lookAtGit = async (folder: string): Promise<Finding> => {
  const { code } = await runToEnd('git', ['ls-files', '--error-unmatch', 'package.json'], {
    cwd: folder,
    timeout: 5_000,
  });
  if (code === undefined)
    return note('git is not installed, so it cannot bring back files. Nothing else needs it.');
  return code === 0
    ? ok('git can bring back files.')
    : note(
        'git is installed, but this folder is no clone that it can use, so it cannot bring back files. Nothing else needs it.',
      );
};
