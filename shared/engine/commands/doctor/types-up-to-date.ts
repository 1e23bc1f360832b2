import { changedGivenFiles } from '../../lesson/given-files.ts';
import { typesOutOfStep } from '../../lesson/generated-types.ts';
import { ok, problem, type Finding } from './finding.ts';

/** Looks whether the types are there that were generated from the contracts. */
export const lookAtTypes = async (): Promise<Finding> => {
  const [first, ...others] = await typesOutOfStep();
  if (first === undefined) return ok('The generated types are there, and say what the contracts say.');
  const [sentence] = first.split(' Run: ');
  // Types of a contract that was changed by mistake would only make it look right.
  const contract = (await changedGivenFiles()).find((file) => file.endsWith('.proto'));
  return problem(
    others.length === 0 ? sentence! : `${sentence} The same holds for ${others.length} more.`,
    contract === undefined
      ? 'Run: npm run generate'
      : `If ${contract} was changed by mistake: git checkout -- ${contract}\nIf you mean it: npm run generate`,
  );
};
