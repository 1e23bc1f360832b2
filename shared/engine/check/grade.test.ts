import { describe, expect, it } from 'vitest';
import { gradeOf, type Seen, type SeenCheck } from './grade.ts';
import type { Step } from '../lesson/lessons.ts';

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
const failing = (group: string, came = 'b'): SeenCheck => ({
  ...check(group, 'failed'),
  failure: { ...failure, came },
});
const [one, two] = [check('Step 1 · One', 'passed'), check('Step 2 · Two', 'passed')];
const states = (graded: { state: unknown }[]): unknown[] => graded.map(({ state }) => state);
const todo = { ...steps[1]!, file: 'lessons/01-x/client.ts', line: 3 };

describe('a grade', () => {
  it('is passed only when every check of the step has passed', () => {
    const { steps: graded, together } = gradeOf(
      lesson,
      steps,
      [],
      seen(one, two, failing('Step 2 · Two'), check('Both halves together', 'passed')),
    );
    expect(states(graded)).toEqual(['passed', 'failed']);
    expect(graded[1]!.failed).toEqual({ check: 'does it', failure });
    // What fails alone fails together too.
    expect(together.state).toBe('not checked');
  });

  it('is to do, not failed, while the TODO line stands', () => {
    const all = seen(one, failing('Step 2 · Two'));
    const { steps: graded, together } = gradeOf(lesson, steps, [todo], all);
    expect(states(graded)).toEqual(['passed', 'to do']);
    expect(together.state).toBe('to do');
  });

  it('is failed for a check that never came back, and not checked for those behind it', () => {
    const { steps: graded, together } = gradeOf(lesson, steps, [], seen(check('Step 1 · One', 'running')));
    expect(states(graded)).toEqual(['failed', 'not checked']);
    expect(graded[0]!.failed!.failure).toEqual({
      expected: '',
      came: expect.stringContaining('did not come back'),
      advice: expect.stringContaining('loop'),
      at: '',
    });
    expect(together.state).toBe('not checked');
  });

  it('blames no step for another one that is still to do', () => {
    const came = 'Lesson 1, step 2 is not written yet: lessons/01-x/client.ts:3';
    const { steps: graded } = gradeOf(lesson, steps, [todo], seen(failing('Step 1 · One', came)));
    expect(graded.map(({ state, needs }) => [state, needs])).toEqual([
      ['not checked', 2],
      ['to do', undefined],
    ]);
  });

  it.each([
    ['of another lesson', 'Lesson 2, step 2 is not written yet: lessons/02-y/client.ts:3'],
    ['that is written by now', 'Lesson 1, step 12 is not written yet: lessons/01-x/client.ts:3'],
    ['that is only mentioned', 'it said: Lesson 1, step 2 is not written yet'],
  ])('blames a step for one %s', (_what, came) => {
    const { steps: graded } = gradeOf(lesson, steps, [todo], seen(failing('Step 1 · One', came)));
    expect(graded[0]).toMatchObject({ state: 'failed', failed: { failure: { came } } });
  });

  it.each([1, 10])('knows a step with two digits that is still to do, in lesson %i', (number) => {
    const came = `Lesson ${number}, step 12 is not written yet: lessons/01-x/client.ts:3`;
    const twelfth = { ...todo, number: 12 };
    const all = seen(failing('Step 1 · One', came));
    expect(gradeOf({ ...lesson, number }, steps, [twelfth], all).steps[0]).toMatchObject({
      state: 'not checked',
      needs: 12,
    });
  });

  it('of both halves is what their check said, once every step has passed', () => {
    const together = failing('Both halves together');
    expect(gradeOf(lesson, steps, [], seen(one, two, together)).together).toEqual({
      state: 'failed',
      failed: { check: 'does it', failure },
    });
    expect(gradeOf(lesson, steps, [], seen(one, two)).together).toEqual({ state: 'not checked' });
  });

  it('keeps what was printed, and why the checks could not be run', () => {
    const all = { checks: [], output: ['hello'] };
    expect(gradeOf(lesson, steps, [], all)).toMatchObject({ lesson, output: ['hello'] });
    expect(gradeOf(lesson, steps, [], all)).not.toHaveProperty('broken');
    expect(gradeOf(lesson, steps, [], { ...all, broken: '' }).broken).toBe('');
  });
});
