import { describe, expect, it } from 'vitest';
import { gradeOf, type Seen, type SeenCheck } from './grade.ts';
import type { Step } from './lessons.ts';

const lesson = { number: 1, folder: '01-x', title: 'x' };
const steps: Step[] = [
  { number: 1, title: 'One', half: 'server' },
  { number: 2, title: 'Two', half: 'client' },
];
const seen = (...checks: SeenCheck[]): Seen => ({ checks, output: [] });
const check = (group: string, result: SeenCheck['result']): SeenCheck => ({
  group,
  check: 'does it',
  result,
});
const failure = { expected: 'a', came: 'b', advice: '', at: '' };
const todo = { ...steps[1]!, file: 'lessons/01-x/client.ts', line: 3 };

describe('a grade', () => {
  it('is passed only when every check of the step has passed', () => {
    const { steps: graded, together } = gradeOf(
      lesson,
      steps,
      [],
      seen(
        check('Step 1 · One', 'passed'),
        check('Step 2 · Two', 'passed'),
        { ...check('Step 2 · Two', 'failed'), failure },
        check('Both halves together', 'passed'),
      ),
    );
    expect(graded.map(({ state }) => state)).toEqual(['passed', 'failed']);
    expect(graded[1]!.failed).toEqual({ check: 'does it', failure });
    // What fails alone fails together too.
    expect(together.state).toBe('not checked');
  });

  it('is to do, not failed, while the TODO line stands', () => {
    const all = seen(check('Step 1 · One', 'passed'), { ...check('Step 2 · Two', 'failed'), failure });
    const { steps: graded, together } = gradeOf(lesson, steps, [todo], all);
    expect(graded.map(({ state }) => state)).toEqual(['passed', 'to do']);
    expect(together.state).toBe('to do');
  });

  it('is failed for a check that never came back, and not checked for those behind it', () => {
    const { steps: graded, together } = gradeOf(lesson, steps, [], seen(check('Step 1 · One', 'running')));
    expect(graded.map(({ state }) => state)).toEqual(['failed', 'not checked']);
    expect(graded[0]!.failed!.failure.advice).toContain('loop');
    expect(together.state).toBe('not checked');
  });

  it('does not take step 1 for step 10', () => {
    const ten: Step[] = [
      { number: 1, title: 'One', half: 'server' },
      { number: 10, title: 'Ten', half: 'client' },
    ];
    const all = seen(check('Step 10 · Ten', 'passed'));
    expect(gradeOf(lesson, ten, [], all).steps.map(({ state }) => state)).toEqual(['not checked', 'passed']);
  });

  it('blames no step for another one that is still to do', () => {
    const came = 'Lesson 1, step 2 is not written yet: lessons/01-x/client.ts:3';
    const { steps: graded } = gradeOf(
      lesson,
      steps,
      [todo],
      seen({ ...check('Step 1 · One', 'failed'), failure: { ...failure, came } }),
    );
    expect(graded.map(({ state, needs }) => [state, needs])).toEqual([
      ['not checked', 2],
      ['to do', undefined],
    ]);
  });
});
