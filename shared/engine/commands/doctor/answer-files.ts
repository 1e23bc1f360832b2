import { accessSync, constants, statSync } from 'node:fs';
import { fileProblem } from '#shared/storage/file-errors.ts';
import { allLessons, fileOf } from '../../lesson/lessons.ts';
import { halves, relativePath } from '../../lesson/paths.ts';
import { ok, problem, type Finding } from './finding.ts';

/** Why a file cannot be read; undefined when it can. */
const whyUnreadable = (file: string): string | undefined => {
  try {
    if (statSync(file).isDirectory()) return fileProblem({ code: 'EISDIR' });
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return fileProblem(error);
  }
};

/** Looks whether the files that the learner writes can be read. */
export const lookAtAnswers = (): Finding => {
  for (const { folder, number } of allLessons())
    for (const half of halves) {
      const file = fileOf('lessons', folder, half);
      const why = whyUnreadable(file);
      if (why !== undefined)
        return problem(
          `${relativePath(file)} cannot be read: ${why}.`,
          `Where nothing stands in its place, this brings it back: npm run lesson:${number} reset`,
        );
    }
  return ok('Your own files can be read.');
};
