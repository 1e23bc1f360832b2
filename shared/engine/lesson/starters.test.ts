import { describe, expect, it } from 'vitest';
import { deriveStarter } from './starters.ts';
import { stepRegions } from './step-marks.ts';

const solution = `export const one = () => {
  //#region Step 1 · Say one
  return 1;
  //#endregion
};

export const two = () => {
  if (one()) {
    //#region Step 2 · Say two
    // The comment goes with its step.
    return 2;
    //#endregion
  }
};
`;

describe('deriving a starter', () => {
  it('puts a TODO line and a throw in place of each step, and changes nothing else', () => {
    expect(deriveStarter(solution, 'x.ts')).toBe(`export const one = () => {
  // TODO 1 · Say one
  throw new Error('Step 1 is not written yet');
};

export const two = () => {
  if (one()) {
    // TODO 2 · Say two
    throw new Error('Step 2 is not written yet');
  }
};
`);
  });

  it('leaves the steps that are to be written as the solution has them', () => {
    const derived = deriveStarter(solution, 'x.ts', new Set([1]));
    expect(derived).toContain('=> {\n  return 1;\n};\n');
    expect(derived).not.toContain('return 2;');
    expect(derived).not.toContain('#region');
  });

  it('indents what it puts in as the mark of the step is', () => {
    const source = 'a\n  //#region Step 1 · One\n      b\n        c\n  //#endregion\n';
    expect(deriveStarter(source, 'x.ts')).toBe(
      "a\n  // TODO 1 · One\n  throw new Error('Step 1 is not written yet');\n",
    );
  });
});

describe("a solution's regions", () => {
  it.each([
    ['//#region Step 1 · One\n', 'x.ts:1: step 1 is never closed. Add //#endregion.'],
    ['//#endregion\n', 'x.ts:1: //#endregion closes no step. Is its //#region missing?'],
    [
      '//#region Step 1 · One\n//#region Step 2 · Two\n',
      'x.ts:2: a step inside step 1. Close that one first with //#endregion.',
    ],
  ])('are refused when they are not well formed: %j', (source, message) => {
    expect(() => stepRegions(source, 'x.ts')).toThrow(message);
  });
});
