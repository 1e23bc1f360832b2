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
    expect(graded[0]!.failed!.failure).toEqual({
      expected: '',
      came: expect.stringContaining('did not come back'),
      advice: expect.stringContaining('loop'),
      at: '',
    });
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

  it.each([
    ['of another lesson', 'Lesson 2, step 2 is not written yet: lessons/02-y/client.ts:3'],
    ['that is written by now', 'Lesson 1, step 12 is not written yet: lessons/01-x/client.ts:3'],
    ['that is only mentioned', 'it said: Lesson 1, step 2 is not written yet'],
  ])('blames a step for one %s', (_what, came) => {
    const failed = { ...check('Step 1 · One', 'failed'), failure: { ...failure, came } };
    const { steps: graded } = gradeOf(lesson, steps, [todo], seen(failed));
    expect(graded[0]).toMatchObject({ state: 'failed', failed: { failure: { came } } });
  });

  it('knows a step with two digits that is still to do', () => {
    const twelfth = { ...todo, number: 12 };
    const came = 'Lesson 1, step 12 is not written yet: lessons/01-x/client.ts:3';
    const failed = { ...check('Step 1 · One', 'failed'), failure: { ...failure, came } };
    const of = { ...lesson, number: 1 };
    expect(gradeOf(of, steps, [twelfth], seen(failed)).steps[0]).toMatchObject({ needs: 12 });
    const tenth = came.replace('Lesson 1', 'Lesson 10');
    const inTenth = { ...failed, failure: { ...failure, came: tenth } };
    expect(gradeOf({ ...lesson, number: 10 }, steps, [twelfth], seen(inTenth)).steps[0]).toMatchObject({
      state: 'not checked',
      needs: 12,
    });
  });

  it('of both halves is what their check said, once every step has passed', () => {
    const passed = [check('Step 1 · One', 'passed'), check('Step 2 · Two', 'passed')];
    const together = { ...check('Both halves together', 'failed'), failure };
    expect(gradeOf(lesson, steps, [], seen(...passed, together)).together).toEqual({
      state: 'failed',
      failed: { check: 'does it', failure },
    });
    expect(gradeOf(lesson, steps, [], seen(...passed)).together).toEqual({ state: 'not checked' });
  });

  it('keeps what was printed, and why the checks could not be run', () => {
    const all = { checks: [], output: ['hello'] };
    expect(gradeOf(lesson, steps, [], all)).toMatchObject({ lesson, output: ['hello'] });
    expect(gradeOf(lesson, steps, [], all)).not.toHaveProperty('broken');
    expect(gradeOf(lesson, steps, [], { ...all, broken: '' }).broken).toBe('');
  });

  it('keeps where a step is still to be written', () => {
    expect(gradeOf(lesson, steps, [todo], seen()).steps[1]).toEqual({ ...steps[1], state: 'to do', todo });
  });
});
