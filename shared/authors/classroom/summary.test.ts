import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScript } from '#testkit/script-run.ts';
import { tempFolder } from '#kit/test-folder.ts';
import type { GradesDocument, LessonDocument, StepDocument } from '../../engine/report/grades-json.ts';

const step: StepDocument = { number: 1, title: 'Answer', half: 'server', state: 'passed' };
const failure = { check: 'answers', expected: 'b', came: 'a', advice: '', at: '' };
const done: LessonDocument = {
  number: 1,
  folder: '01-unary-hello',
  title: 'Unary hello',
  steps: [step, { ...step, number: 2, title: 'Call' }],
  together: { state: 'passed' },
  compilerErrors: [],
};
const having = (changes: Partial<LessonDocument>): LessonDocument => ({ ...done, ...changes });
const second = (changes: Partial<StepDocument>): StepDocument => ({
  ...step,
  number: 2,
  title: 'Call',
  ...changes,
});

const file = (text: string): string => {
  const name = path.join(tempFolder(), 'grades.json');
  writeFileSync(name, text);
  return name;
};
const run = (...args: string[]) => runScript(() => import('./summary.ts'), args);
const summed = async (lessons: LessonDocument[], ...required: string[]) => {
  const document: GradesDocument = { version: 1, passed: 3, total: 4, lessons };
  const { code, printed } = await run(file(JSON.stringify(document)), ...required);
  return { code, lines: printed.join('\n').split('\n') };
};

describe('the summary of the grades', () => {
  it('is a table of all lessons, and passes when every required one is done', async () => {
    const other = having({ number: 2, title: 'Chat', steps: [step, second({ state: 'to do' })] });
    expect(await summed([done, other], '1')).toEqual({
      code: 0,
      lines: [
        '| Lesson | Required | Steps passed | | What comes next |',
        '| --- | --- | --- | --- | --- |',
        '| 1 · Unary hello | yes | 2 of 2 | done |  |',
        '| 2 · Chat | no | 1 of 2 | not done | To do: step 2 · Call |',
        '',
        '3 of 4 steps passed.',
        '**Passed**: every required lesson is done (1).',
      ],
    });
  });

  it('names all that were required', async () => {
    const { lines } = await summed([done, having({ number: 2 })], '1', '2');
    expect(lines.at(-1)).toBe('**Passed**: every required lesson is done (1, 2).');
  });

  it('does not pass while a required one is not done', async () => {
    const open = (number: number) => having({ number, steps: [second({ state: 'to do' })] });
    const one = await summed([done, open(2), open(3)], '1', '2');
    expect(one.code).toBe(1);
    expect(one.lines.at(-1)).toBe('**Not passed yet**: of the required lessons, 2 is not done.');
    const two = await summed([done, open(2), open(3)], '1', '2', '3');
    expect(two.lines.at(-1)).toBe('**Not passed yet**: of the required lessons, 2, 3 are not done.');
  });

  it.each<[string, Partial<LessonDocument>, string]>([
    [
      'of its first step that has failed',
      { steps: [second({ state: 'failed', failure }), second({ number: 3, state: 'failed' })] },
      'Step 2 · Call: came a',
    ],
    [
      'of a step that has failed without a word',
      { steps: [second({ state: 'failed' })] },
      'Step 2 · Call: came nothing',
    ],
    ['of its halves', { together: { state: 'failed', failure } }, 'Both halves together: came a'],
    ['of its halves without a word', { together: { state: 'failed' } }, 'Both halves together: came nothing'],
    [
      'of its checks, before all else',
      { broken: 'no checks', steps: [second({ state: 'failed' })] },
      'no checks',
    ],
    ['that its halves are not checked', { together: { state: 'not checked' } }, ''],
  ])('says what came %s', async (_of, changes, remark) => {
    const { code, lines } = await summed([having(changes)], '1');
    expect(lines[2]!.split(' | ').at(-1)).toBe(`${remark} |`);
    expect(lines[2]).toContain('| not done |');
    expect(code).toBe(1);
  });

  it('lets nothing that a student has written end a cell, begin a tag, or look like more', async () => {
    const came = 'a|b\\c <b>&amp; `x` *y* _z_ [l](u)\n\n# big';
    const { lines } = await summed(
      [having({ together: { state: 'failed', failure: { ...failure, came } } })],
      '1',
    );
    expect(lines[2]).toContain(
      'came a&#124;b&#92;c &#60;b>&#38;amp; &#96;x&#96; &#42;y&#42; &#95;z&#95; &#91;l&#93;(u) # big |',
    );
  });

  it('is refused where there are no grades, no such lesson, or no names of lessons', async () => {
    const broken = file('{');
    expect(await run(broken, '1')).toEqual({
      code: 2,
      printed: [expect.stringMatching(/grades\.json holds no grades, so the check itself has failed: ./)],
    });
    const grades = JSON.stringify({ version: 1, passed: 2, total: 2, lessons: [done] });
    expect(await run(file(grades), '1', '98', '99')).toEqual({
      code: 2,
      printed: ['There is no lesson 98, 99 among the grades.'],
    });
    const usage = {
      code: 2,
      printed: [
        'Name the file with the grades, and the numbers of the lessons that must be done: grades.json 1 2 3',
      ],
    };
    expect(await run()).toEqual(usage);
    expect(await run(file(grades))).toEqual(usage);
  });
});
