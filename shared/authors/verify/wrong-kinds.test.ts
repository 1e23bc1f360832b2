import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allLessons, stepsOf } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

const document = readFileSync(inWorkbook('shared', 'authors', 'verify', 'wrong-kinds.md'), 'utf8');
const kinds = [...document.matchAll(/^- \*\*(.+)\*\*: /gm)].map(([, kind]) => kind!);

/** What the document says of a lesson's steps: by the step's title. */
const sectionsOf = (number: number): Map<string, string> => {
  const lesson = document.split(/^## Lesson /m).find((text) => text.startsWith(`${number}\n`)) ?? '';
  const steps = lesson.split(/^### /m).slice(1);
  return new Map(steps.map((text) => [text.split('\n')[0]!, text]));
};

/** The titles of a lesson's checks, by the title of their step. */
const checksOf = (folder: string): Map<string, string[]> => {
  const source = readFileSync(inWorkbook('lessons', folder, 'steps.test.ts'), 'utf8');
  const groups = source.split(/^describe\('/m).slice(1);
  const titled = /(?:\bit|\)|\])\(\s*(['"])((?:(?!\1)[^\\\n]|\\.)*)\1,\s*(?:async )?\(/g;
  return new Map(
    groups.map((text) => [
      text.slice(0, text.indexOf("'")),
      [...text.matchAll(titled)].map(([, , title]) => title!),
    ]),
  );
};

describe.each(allLessons())('lesson $number', ({ number, folder }) => {
  const sections = sectionsOf(number);
  const checks = checksOf(folder);
  const steps = stepsOf(folder).map((step) => `Step ${step.number} · ${step.title}`);
  const rows = [...sections].flatMap(([step, text]) =>
    [...text.matchAll(/^- (.+?): .+ → (.+)$/gm)].map(([, kind, check]) => ({ step, kind, check: check! })),
  );

  it('has each of its steps here, and each step its nine kinds', () => {
    expect(kinds).toHaveLength(9);
    expect([...sections.keys()]).toEqual(steps);
    for (const [step, text] of sections) {
      const named = rows.filter((row) => row.step === step).map(({ kind }) => kind);
      const absent = /^- not here: (.+)$/m.exec(text)?.[1]?.split(', ') ?? [];
      expect([...new Set(named), ...absent].toSorted(), step).toEqual(kinds.toSorted());
    }
  });

  it('has a check behind every mistake, and a mistake behind every check', () => {
    const ofSteps = steps.flatMap((step) => checks.get(step) ?? []);
    expect(rows.map(({ check }) => check).filter((check) => !ofSteps.includes(check))).toEqual([]);
    expect(ofSteps.filter((title) => !rows.some(({ check }) => check === title))).toEqual([]);
  });
});
