import { canPrompt, prompt } from '#shared/terminal/prompt.ts';
import { UsageError } from './usage-error.ts';

/**
 * Asks before something that a person may not want.
 *
 * @returns whether the answer is yes
 * @throws UsageError without a terminal, where nobody can answer
 * @throws Interrupted when the person leaves instead of answering
 */
export const confirmed = async (question: string, agreed: boolean): Promise<boolean> => {
  if (agreed) return true;
  if (!canPrompt()) {
    throw new UsageError(
      `${question} Nobody can be asked without a terminal: to say yes ahead, add -- --yes.`,
    );
  }
  return (await prompt(question, { initial: 'no', choices: ['yes', 'no'] })) === 'yes';
};
