import { expect, it } from 'vitest';
import { nextStep } from './next-step.ts';
import type { StandingStep } from './standing.ts';

const lesson = { number: 3, folder: '03-x', title: 'X' };
const step = (number: number, known: StandingStep['known']): StandingStep => {
  const base = { number, title: `Title ${number}`, half: 'client' as const };
  return {
    ...base,
    known,
    ...(known === 'to do' && { todo: { ...base, file: 'lessons/03-x/client.ts', line: 7 } }),
  };
};
const nextOf = (known: StandingStep['known'][], isBegun: boolean): string[] =>
  nextStep(
    { lesson, steps: known.map((each, index) => step(index + 1, each)), done: false },
    () => isBegun,
  ).split('\n');
const next = (...known: StandingStep['known'][]): string[] => nextOf(known, false);

it('is the first step that is to do: where it is written, read and checked', () => {
  expect(next('passed', 'written', 'written', 'to do', 'to do')).toEqual([
    'Next: lesson 3, step 4 · Title 4 (3 of 5 steps written)',
    '  write  lessons/03-x/client.ts:7, in place of TODO 4 and of the line that throws',
    '  read   lessons/03-x/README.md',
    '  check  npm run lesson:3 check',
  ]);
});

it('is to take out the line that throws, when the step is written beside it', () => {
  expect(nextOf(['passed', 'to do'], true)[1]).toBe(
    '  fix    lessons/03-x/client.ts:7: this line throws, whatever is written beside it. Take it out',
  );
});

it('is to fix a step that failed, when none is to do before it', () => {
  for (const known of [
    ['passed', 'failed', 'to do'],
    ['failed', 'failed'],
  ] as const) {
    const number = known.indexOf('failed') + 1;
    expect(next(...known)).toEqual([
      `Next: lesson 3, step ${number} · Title ${number} (its check has failed)`,
      '  fix    lessons/03-x/client.ts',
      '  check  npm run lesson:3 check',
    ]);
  }
  expect(next('to do', 'failed')[0]).toContain('step 1 · Title 1 (1 of 2 steps written)');
});

it('is to grade it when all is written, and nothing when all is done', () => {
  expect(next('passed', 'written')).toEqual([
    'Every step of lesson 3 is written. To grade it: npm run lesson:3 check',
  ]);
  expect(nextStep({ lesson, steps: [step(1, 'passed')], done: true })).toBe('Lesson 3 is done.');
});
