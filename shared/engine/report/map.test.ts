import { expect, it } from 'vitest';
import { progressText } from './map.ts';
import type { Standing, StandingStep } from './standing.ts';

const textOf = (known: StandingStep['known'][], more: Partial<Standing> = {}): string =>
  progressText({
    lesson: { number: 3, folder: '03-x', title: 'X' },
    steps: known.map((each, index) => ({ number: index + 1, title: 'T', half: 'server', known: each })),
    done: false,
    ...more,
  });

it.each<[string, StandingStep['known'][], Partial<Standing>?]>([
  ['2 steps to write', ['to do', 'to do']],
  ['1 of 3 steps passed, step 2 failed, 1 not checked', ['passed', 'failed', 'written']],
  ['0 of 2 steps passed, steps 1 and 2 failed', ['failed', 'failed']],
  ['done, 2 steps', ['passed', 'passed'], { done: true }],
  ['done, 2 steps · on your own ★', ['passed', 'passed'], { done: true, own: true }],
  ['was 2 of 2, and has changed since: not checked', ['written', 'written'], { passedBefore: 2 }],
])('says "%s"', (text, known, more) => {
  expect(textOf(known, more)).toBe(text);
});
