import { typesOutOfStep } from '../../lesson/generated-types.ts';
import { ok, problem, type Finding } from './finding.ts';

/** Looks whether the types are there that were generated from the contracts. */
export const lookAtTypes = async (): Promise<Finding> => {
  const [first, ...others] = await typesOutOfStep();
  if (first === undefined) return ok('The generated types are there, and say what the contracts say.');
  const [sentence] = first.split(' Run: ');
  return problem(
    others.length === 0 ? sentence! : `${sentence} The same holds for ${others.length} more.`,
    'Run: npm run generate',
  );
};
