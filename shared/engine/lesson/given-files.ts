import { root } from './paths.ts';
import { runToEnd } from './child-process.ts';

/** What a learner is given, and need not change. */
const given = ['protos', 'lessons/*/*.test.ts', 'shared', 'solutions'];

/**
 * Asks git which of the files that a learner was given have been changed since.
 *
 * @returns their paths from that folder on; none when git cannot tell
 */
export const changedGivenFiles = async (folder: string = root): Promise<string[]> => {
  const { code, stdout } = await runToEnd(
    'git',
    ['diff', '--name-only', '--relative', 'HEAD', '--', ...given],
    { cwd: folder, timeout: 5_000 },
  );
  return code === 0 ? stdout.split('\n').filter((file) => file !== '') : [];
};

/** @returns a sentence that says how to bring back given files that were changed; undefined when there is none */
export const bringBack = ([file, ...others]: readonly string[]): string | undefined => {
  if (file === undefined) return undefined;
  const which = others.length === 0 ? `${file} is` : `${file} and ${others.length} more are`;
  return `${which} not as you were given it, and what fails may come from that. Bring it back with: git checkout -- ${[file, ...others].slice(0, 3).join(' ')}`;
};
