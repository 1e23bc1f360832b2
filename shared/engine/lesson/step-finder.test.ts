import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allLessons, fileOf, stepsOf } from './lessons.ts';
import { halves } from './paths.ts';
import { deriveStarter } from './starters.ts';
import { linesOf } from './step-marks.ts';
import { isBegun, placeOfStep, stepAtLine } from './step-finder.ts';

const solution = `import { a } from 'a';

export const first = () => {
  //#region Step 1 · One
  call.on('end', () => {
    answer();
  });
  //#endregion
};

export const second = () => {
  const given = 1;
  //#region Step 2 · Two
  return given;
  //#endregion
};
`;
const starter = deriveStarter(solution, 'server.ts');
const todoOf = (step: number, title: string): string =>
  `  // TODO ${step} · ${title}\n  throw new Error('Step ${step} is not written yet');`;
const [one, two] = [todoOf(1, 'One'), todoOf(2, 'Two')];
/** The starter, with this in place of the TODO of a step. */
const replaced = (todo: string, text: string): string => starter.replace(todo, text);

const found = (text: string, step: number): string | undefined => {
  const place = placeOfStep(text, solution, 'server.ts', step);
  return place && linesOf(text).slice(place.from, place.to).join('\n');
};

describe('the place of a step in a learner’s file', () => {
  it('is that of its TODO while nothing is written, and then what stands in place of it', () => {
    expect([found(starter, 1), found(starter, 2)]).toEqual([one, two]);
    const text = replaced(one, '  answer();\n  // mine');
    expect([found(text, 1), found(text, 2)]).toEqual(['  answer();\n  // mine', two]);
  });

  it('moves with what was added elsewhere', () => {
    const text = `import { b } from 'b';\nconst helper = 1;\n${replaced(two, '  return 7;')}`;
    expect(found(text, 1)).toBe(one);
    expect(found(text, 2)).toBe('  return 7;');
  });

  it('holds lines that stand behind the step as well', () => {
    const body = '  if (x) {\n    y();\n};\n  const given = 1;\n  z();';
    expect(found(replaced(one, body), 1)).toBe(body);
    expect(found(replaced(two, body), 2)).toBe(body);
  });

  it('is empty when the TODO was taken out and nothing put in', () => {
    expect(found(starter.replace(`${one}\n`, ''), 1)).toBe('');
  });

  it('is found when an editor has changed quotes, semicolons or line endings', () => {
    const text = replaced(two, '  return 7;');
    expect(found(text.replaceAll("'", '"').replaceAll(';', ''), 2)).toBe('  return 7');
    expect(found(text.replaceAll('\n', '\r\n'), 2)).toBe('  return 7;');
  });

  it('ends before lines behind it that are another answer, though the first of them is the same', () => {
    const text = starter.replace(`${one}\n};\n`, '  answer();\n};\nmine();\n');
    expect(found(text, 1)).toBe('  answer();');
    expect(found(`${text}\nmore();\n`, 2)).toBe(two);
  });

  it('is the one that a line of it belongs to, and a given line belongs to none', () => {
    const text = replaced(one, '  answer();\n  again();');
    const at = (line: string): number => 1 + linesOf(text).findIndex((each) => each.trim() === line);
    const stepAt = (line: string): number | undefined => stepAtLine(text, solution, 'server.ts', at(line));
    expect(['answer();', 'again();', 'const given = 1;'].map(stepAt)).toEqual([1, 1, undefined]);
  });

  it('is begun once there is code beside its line that throws', () => {
    const lines = two;
    const [line, thrown] = lines.split('\n') as [string, string];
    const begun = (written: string): boolean =>
      isBegun(starter.replace(lines, written), solution, 'server.ts', 2);
    expect([lines, thrown, `${line}\n  // Soon.\n\n${thrown}`].map(begun)).toEqual([false, false, false]);
    for (const written of [`  mine();\n${lines}`, `${line}\n  mine();\n${thrown}`, `${lines}\n  mine();`]) {
      expect(begun(written)).toBe(true);
    }
    expect(isBegun(replaced(one, '  answer();'), solution, 'server.ts', 2)).toBe(false);
  });

  it('is not known when the file has become another one', () => {
    expect(found('export const all = 1;\n', 1)).toBeUndefined();
  });

  it('takes in both of its lines, though only one of them was replaced', () => {
    const [line, thrown] = two.split('\n') as [string, string];
    expect(found(starter.replace(thrown, '  return 7;'), 2)).toBe(`${line}\n  return 7;`);
    expect(found(starter.replace(line, '  // Soon.'), 2)).toBe(`  // Soon.\n${thrown}`);
  });

  it('takes in a given line beside it that was changed too', () => {
    const text = starter.replace(`  const given = 1;\n${two}`, '  const given = 2;\n  return given;');
    expect(placeOfStep(starter, solution, 'server.ts', 2)).toMatchObject({
      starter: two.split('\n'),
      solution: ['  return given;'],
    });
    const place = placeOfStep(text, solution, 'server.ts', 2)!;
    expect(linesOf(text).slice(place.from, place.to)).toEqual(['  const given = 2;', '  return given;']);
    expect(place.starter).toEqual(['  const given = 1;', ...two.split('\n')]);
    expect(place.solution).toEqual(['  const given = 1;', '  return given;']);
    expect(place.shared).toEqual([]);
  });

  it.each([
    [3, true],
    [4, false],
  ])('with %s given lines beside it that are gone is known: %s', (count, known) => {
    const given = Array.from({ length: count }, (_, index) => `  given(${index});`).join('\n');
    const own = `top();\n${given}\n\n//#region Step 1 · One\n//#endregion\nbottom();\n`;
    const place = placeOfStep('top();\nmine();\nbottom();\n', own, 'server.ts', 1);
    expect(place !== undefined).toBe(known);
    if (place) expect([place.from, place.to]).toEqual([1, 2]);
  });

  it('does not take in what was added right before or behind it', () => {
    const lines = two;
    expect(found(starter.replace(lines, `  mine();\n${lines}`), 2)).toBe(lines);
    expect(found(starter.replace(lines, `${lines}\n  mine();`), 2)).toBe(lines);
  });

  it('says with which other steps it shares its lines', () => {
    const shared = `{
  //#region Step 1 · One
  one();
  //#endregion
  //#region Step 2 · Two
  two();
  //#endregion
}
`;
    const learner = '{\n  both();\n}\n';
    expect(placeOfStep(learner, shared, 'server.ts', 1)).toEqual({
      from: 1,
      to: 2,
      starter: [...one.split('\n'), ...two.split('\n')],
      solution: ['  one();', ...two.split('\n')],
      shared: [2],
    });
    const alone = `{\n  one();\n${two}\n}\n`;
    expect(placeOfStep(alone, shared, 'server.ts', 1)).toMatchObject({ from: 1, to: 2, shared: [] });
    const other = `{\n${one}\n  two();\n}\n`;
    expect(placeOfStep(other, shared, 'server.ts', 2)).toMatchObject({ from: 3, to: 4, shared: [] });
    expect(placeOfStep(other, shared, 'server.ts', 1)).toMatchObject({ from: 1, to: 3, shared: [] });
    expect(placeOfStep(learner, shared, 'server.ts', 2)).toMatchObject({
      solution: [...one.split('\n'), '  two();'],
      shared: [1],
    });
  });
});

const steps = allLessons().flatMap(({ folder, number: lesson }) =>
  halves.flatMap((half) => {
    const text = readFileSync(fileOf('solutions', folder, half), 'utf8');
    const numbers = stepsOf(folder)
      .filter((step) => step.half === half)
      .map((step) => step.number);
    return numbers.map((step) => ({ lesson, half, step, numbers, text }));
  }),
);

describe('the place of every step of every lesson', () => {
  it.each(steps)('lesson $lesson, step $step, alone and among all the others', ({ step, numbers, text }) => {
    const alone = deriveStarter(text, 'file', new Set([step]));
    const others = deriveStarter(text, 'file', new Set(numbers.filter((other) => other !== step)));
    const all = deriveStarter(text, 'file', new Set(numbers));
    const own = placeOfStep(alone, text, 'file', step)!;
    const body = own.solution;
    expect(linesOf(alone).slice(own.from, own.to)).toEqual(body);
    const open = placeOfStep(others, text, 'file', step)!;
    expect(linesOf(others).slice(open.from, open.to)).toEqual(open.starter);
    const among = placeOfStep(all, text, 'file', step)!;
    if (among.shared.length === 0) expect(linesOf(all).slice(among.from, among.to)).toEqual(body);
  });
});
