/**
 * Stands in for `shared/lib/terminal/prompt.ts`: a person at the terminal, for as long as a test wants one. A file of tests
 * puts it in place so: `vi.mock('#shared/terminal/prompt.ts', () => import('./fake-prompt.ts'))`.
 */
import { onTestFinished } from 'vitest';

/** How the person answers: from what they read, and from what Enter alone would say. */
type Answer = (message: string, initial: string) => string;

let answer: Answer | undefined;
let asked: string[] = [];

/**
 * Puts a person at the terminal for the rest of the test.
 *
 * @param answers - how they answer; by default by Enter alone
 * @returns what they have been asked so far, which becomes more
 */
export const atTheTerminal = (answers: Answer = (_message, initial) => initial): readonly string[] => {
  answer = answers;
  asked = [];
  onTestFinished(() => {
    answer = undefined;
  });
  return asked;
};

/** Takes the place of the same in `prompt.ts`. */
export const canPrompt = (): boolean => answer !== undefined;

/** Takes the place of the same in `prompt.ts`. */
export const prompt = async (
  message: string,
  { initial = '' }: { initial?: string } = {},
): Promise<string> => {
  asked.push(message);
  return answer!(message, initial);
};
