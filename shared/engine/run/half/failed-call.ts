import { status, type ServiceError } from '@grpc/grpc-js';
import { explainStatus } from '#shared/terminal/explain-status.ts';

/**
 * Says why a client has ended with the status of a call, and what usually causes that, where it is a puzzle.
 *
 * @returns the lines to print
 */
export const failedCall = async (error: ServiceError, address: string, folder: string): Promise<string[]> => {
  const { usualCause } = await import('../../lesson/status-advice.ts');
  const cause = usualCause(folder, `${status[error.code]}: ${error.details}`);
  const why = explainStatus(error, address);
  return cause === undefined ? [why] : [why, `Usually, in this lesson: ${cause}`];
};
