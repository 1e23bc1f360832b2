import { describe, expect, it } from 'vitest';
import { linesOf, stepRegions, unwrittenStep, unwrittenSteps, withoutMarks } from './step-marks.ts';

describe('the regions of a solution', () => {
  it('are found with their lines and titles, however they are indented', () => {
    const source =
      'a\n  //#region  Step 12 · Say it, twice  \nb\n\t//#endregion Step 12\n//#region Step 2 · x\n//#endregion\n';
    expect(stepRegions(source, 'x.ts')).toEqual([
      { step: 12, title: 'Say it, twice', firstLine: 2, lastLine: 4 },
      { step: 2, title: 'x', firstLine: 5, lastLine: 6 },
    ]);
    expect(
      stepRegions("a; //#region Step 1 · x\n'//#endregion'\n//#regional x\n//#endregions", 'x.ts'),
    ).toEqual([]);
  });

  it.each([['Step 1'], ['Step 1 · '], ['step 1 · x'], ['My Step 1 · x'], ['Step one · x'], ['']])(
    'are refused with the title "%s"',
    (title) => {
      expect(() => stepRegions(`//#region ${title}\n//#endregion`, 'x.ts')).toThrow(
        `x.ts:1: the region is titled "${title.trim()}". Write it as "Step 1 · What the learner does".`,
      );
    },
  );

  it('leave no mark in what is compared', () => {
    expect(withoutMarks(['a', '  //#region Step 1 · x', 'b', '//#endregion', 'c //#endregion'])).toEqual([
      'a',
      'b',
      'c //#endregion',
    ]);
  });
});

describe('a step that is not written yet', () => {
  it.each([
    ['Step 1 is not written yet', 1],
    ['Step 12 is not written yet', 12],
    ['Step one is not written yet', undefined],
  ])('is known by its message: %s', (message, step) => {
    expect(unwrittenStep(message)).toBe(step);
  });

  it.each([
    ["throw new Error('Step 12 is not written yet');", 12],
    ['  if (x) throw new Error(`Step 3 is not written yet`)', 3],
    ['  throw new Error("Step 1 is not written yet");', 1],
    ['  throw new Error(\'Step 1 is not written yet");', undefined],
    ["  //   throw new Error('Step 1 is not written yet');", undefined],
    ["  /* throw new Error('Step 1 is not written yet'); */", undefined],
    ["  rethrow new Error('Step 1 is not written yet');", undefined],
  ])('is known by its line: %s', (line, step) => {
    expect([...unwrittenSteps(line).keys()]).toEqual(step === undefined ? [] : [step]);
  });
});

it('lines are the same with the endings of any system', () => {
  expect(linesOf('a\r\nb\nc\rd\n')).toEqual(['a', 'b', 'c\rd', '']);
});
