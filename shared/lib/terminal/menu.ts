import { detailsOf } from '../grpc/error-details.ts';
import { isServiceError } from '../grpc/service-error.ts';
import { explainStatus } from './explain-status.ts';

/**
 * Does what a person chooses, again and again, until they choose `quit` or there are no more choices. A call that fails
 * is explained, with the wrong fields and the reason that the server names for programs. It does not end the menu, but the process ends with 1 when nobody has quit.
 *
 * @param choices - what is chosen, one after the other
 * @param calls - what to do for each choice
 * @param address - where the server is, for the explanations
 * @throws whatever a choice throws that is not the status of a call
 */
export const menu = async <Choice extends string>(
  choices: AsyncIterable<string>,
  calls: Record<Choice, () => Promise<void>>,
  address: string,
): Promise<void> => {
  for await (const choice of choices) {
    if (choice === 'quit') {
      process.exitCode = 0;
      return;
    }
    try {
      await calls[choice as Choice]();
    } catch (error) {
      if (!isServiceError(error)) throw error;
      console.error(explainStatus(error, address));
      const { violations, reason } = detailsOf(error);
      for (const { field, description } of violations) console.error(`  ${field}: ${description}`);
      if (reason) console.error(`  reason: ${reason}`);
      process.exitCode = 1;
    }
  }
};
