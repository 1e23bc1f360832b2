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
const todo = (step: number, title: string): string =>
  `  // TODO ${step} · ${title}\n  throw new Error('Step ${step} is not written yet');`;

const found = (text: string, step: number): string | undefined => {
  const place = placeOfStep(text, solution, 'server.ts', step);
  return place && linesOf(text).slice(place.from, place.to).join('\n');
};

describe('the place of a step in a learner’s file', () => {
  it('is that of its TODO while nothing is written', () => {
    expect(found(starter, 1)).toBe(todo(1, 'One'));
    expect(found(starter, 2)).toBe(todo(2, 'Two'));
  });

  it('is what stands in place of the TODO', () => {
    const text = starter.replace(todo(1, 'One'), '  answer();\n  // mine');
    expect(found(text, 1)).toBe('  answer();\n  // mine');
    expect(found(text, 2)).toBe(todo(2, 'Two'));
  });

  it('moves with what was added elsewhere', () => {
    const text = `import { b } from 'b';\nconst helper = 1;\n${starter.replace(todo(2, 'Two'), '  return 7;')}`;
    expect(found(text, 1)).toBe(todo(1, 'One'));
    expect(found(text, 2)).toBe('  return 7;');
  });

  it('holds lines that stand behind the step as well', () => {
    const body = '  if (x) {\n    y();\n};\n  const given = 1;\n  z();';
    expect(found(starter.replace(todo(1, 'One'), body), 1)).toBe(body);
    expect(found(starter.replace(todo(2, 'Two'), body), 2)).toBe(body);
  });

  it('is empty when the TODO was taken out and nothing put in', () => {
    expect(found(starter.replace(`${todo(1, 'One')}\n`, ''), 1)).toBe('');
  });

  it('is found when an editor has changed quotes and semicolons', () => {
    const text = starter.replace(todo(2, 'Two'), '  return 7;').replaceAll("'", '"').replaceAll(';', '');
    expect(found(text, 2)).toBe('  return 7');
  });

  it('ends before lines behind it that are another answer, though the first of them is the same', () => {
    const text = starter.replace(`${todo(1, 'One')}\n};\n`, '  answer();\n};\nmine();\n');
    expect(found(text, 1)).toBe('  answer();');
    expect(found(`${text}\nmore();\n`, 2)).toBe(todo(2, 'Two'));
  });

  it('tells lines apart by more than what an editor changes', () => {
    const text = starter
      .replace('  const given = 1;', 'const given = 1;')
      .replace(todo(2, 'Two'), '  return 7;');
    expect(found(text, 2)).toBe('const given = 1;\n  return 7;');
  });

  it('is found in a file with the line endings of Windows', () => {
    const text = starter.replace(todo(2, 'Two'), '  return 7;').replaceAll('\n', '\r\n');
    expect(found(text, 2)).toBe('  return 7;');
  });

  it('is the one that a line of it belongs to, and a given line belongs to none', () => {
    const text = starter.replace(todo(1, 'One'), '  answer();\n  again();');
    const at = (line: string): number => 1 + linesOf(text).findIndex((each) => each.trim() === line);
    const stepAt = (line: string): number | undefined => stepAtLine(text, solution, 'server.ts', at(line));
    expect(['answer();', 'again();', 'const given = 1;'].map(stepAt)).toEqual([1, 1, undefined]);
  });

  it('is begun once there is code beside its line that throws', () => {
    const lines = todo(2, 'Two');
    const [line, thrown] = lines.split('\n') as [string, string];
    const begun = (written: string): boolean =>
      isBegun(starter.replace(lines, written), solution, 'server.ts', 2);
    expect([lines, thrown, `${line}\n  // Soon.\n\n${thrown}`].map(begun)).toEqual([false, false, false]);
    for (const written of [`  mine();\n${lines}`, `${line}\n  mine();\n${thrown}`, `${lines}\n  mine();`]) {
      expect(begun(written)).toBe(true);
    }
    expect(isBegun(starter.replace(todo(1, 'One'), '  answer();'), solution, 'server.ts', 2)).toBe(false);
  });

  it('is not known when the file has become another one', () => {
    expect(found('export const all = 1;\n', 1)).toBeUndefined();
  });

  it('takes in both of its lines, though only one of them was replaced', () => {
    const [line, thrown] = todo(2, 'Two').split('\n') as [string, string];
    expect(found(starter.replace(thrown, '  return 7;'), 2)).toBe(`${line}\n  return 7;`);
    expect(found(starter.replace(line, '  // Soon.'), 2)).toBe(`  // Soon.\n${thrown}`);
  });

  it('moves back with what was taken away elsewhere', () => {
    const text = starter.replace("import { a } from 'a';\n\n", '').replace(todo(1, 'One'), '  answer();');
    expect(found(text, 1)).toBe('  answer();');
    expect(found(text, 2)).toBe(todo(2, 'Two'));
  });

  it('takes in a given line beside it that was changed too', () => {
    const text = starter.replace(
      `  const given = 1;\n${todo(2, 'Two')}`,
      '  const given = 2;\n  return given;',
    );
    const place = placeOfStep(text, solution, 'server.ts', 2)!;
    expect(linesOf(text).slice(place.from, place.to)).toEqual(['  const given = 2;', '  return given;']);
    expect(place.starter).toEqual(['  const given = 1;', ...todo(2, 'Two').split('\n')]);
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
    const lines = todo(2, 'Two');
    expect(found(starter.replace(lines, `  mine();\n${lines}`), 2)).toBe(lines);
    expect(found(starter.replace(lines, `${lines}\n  mine();`), 2)).toBe(lines);
  });

  it('says with which other steps it shares its lines', () => {
    const two = `{
  //#region Step 1 · One
  one();
  //#endregion
  //#region Step 2 · Two
  two();
  //#endregion
}
`;
    const learner = '{\n  both();\n}\n';
    expect(placeOfStep(learner, two, 'server.ts', 1)).toEqual({
      from: 1,
      to: 2,
      starter: [...todo(1, 'One').split('\n'), ...todo(2, 'Two').split('\n')],
      solution: ['  one();', ...todo(2, 'Two').split('\n')],
      shared: [2],
    });
    const alone = `{\n  one();\n${todo(2, 'Two')}\n}\n`;
    expect(placeOfStep(alone, two, 'server.ts', 1)).toMatchObject({ from: 1, to: 2, shared: [] });
    const other = `{\n${todo(1, 'One')}\n  two();\n}\n`;
    expect(placeOfStep(other, two, 'server.ts', 2)).toMatchObject({ from: 3, to: 4, shared: [] });
    expect(placeOfStep(other, two, 'server.ts', 1)).toMatchObject({ from: 1, to: 3, shared: [] });
    expect(placeOfStep(learner, two, 'server.ts', 2)).toMatchObject({
      solution: [...todo(1, 'One').split('\n'), '  two();'],
      shared: [1],
    });
  });

  it('gives what the starter and the solution have there', () => {
    const place = placeOfStep(starter, solution, 'server.ts', 2)!;
    expect(place.starter.join('\n')).toBe(todo(2, 'Two'));
    expect(place.solution).toEqual(['  return given;']);
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
