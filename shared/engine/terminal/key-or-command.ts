import { canPrompt } from '#shared/terminal/prompt.ts';

/** What a learner may want to do next in a lesson. */
type Wish = 'hint' | 'reveal' | 'check' | 'run';

/** In the watch and in the menu keys do it. What they start knows where it is by the environment. */
const ways: Readonly<Record<string, Readonly<Record<Wish, string>>>> = {
  watch: { hint: 'press h', reveal: 'press v', check: 'save the file', run: 'press r' },
  menu: { hint: 'choose hint', reveal: 'choose reveal', check: 'choose check', run: 'choose run' },
};

/** Says that this process, and what it starts, is in the watch or in the menu from now on. */
export const nowIn = (place: 'watch' | 'menu'): void => {
  if (canPrompt()) process.env.WORKBOOK_PLACE = place;
};

/** @returns how the learner does what they want in a lesson: by a key where there is one, else by a command */
export const wayTo = (wish: Wish, lesson: number): string =>
  ways[process.env.WORKBOOK_PLACE ?? '']?.[wish] ??
  `npm run lesson:${lesson}${wish === 'run' ? '' : ` ${wish}`}`;
