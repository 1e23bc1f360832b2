import type { Ask, Questions } from './ask.ts';
import { pipedLines } from './piped-lines.ts';
import { canPrompt, prompt } from './prompt.ts';

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

/**
 * @param questions - what the client wants to know
 * @param given - answers given ahead by flags, by key
 * @returns how the client asks
 */
export const askFrom = <Q extends Questions>(questions: Q, given: Record<string, string[]>): Ask<Q> => {
  async function* each(key: keyof Q & string): AsyncGenerator<string, void> {
    const question = questions[key]!;
    const ahead = given[key];
    if (ahead) {
      yield* ahead;
    } else if (canPrompt()) {
      for (;;) {
        const { message, choices } = question;
        const answer = (await prompt(message, choices && { choices })).trim();
        if (answer === '') return;
        yield answer;
      }
    } else if (!question.piped || !(yield* pipedLines())) {
      yield* listOf(question.initial);
    }
  }

  const one = async (key: keyof Q & string, message?: string): Promise<string> => {
    const question = questions[key]!;
    const initial = listOf(question.initial)[0] ?? '';
    const ahead = given[key];
    if (ahead) {
      if (ahead.length > 1)
        console.error(`(--${key} was given ${ahead.length} times. This asks once, and takes the last.)`);
      return ahead.at(-1)!;
    }
    if (canPrompt())
      return prompt(message ?? question.message, {
        initial,
        ...(question.choices && { choices: question.choices }),
      });
    if (!question.piped) return initial;
    for await (const line of each(key)) return line;
    return initial;
  };

  return { one, each };
};
