import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { printing } from '../check/kit/printing.ts';
import type { Grade, GradedStep } from '../check/grade.ts';
import { allLessons, todosOf } from '../lesson/lessons.ts';
import { nextStepIn } from './next-step.ts';
import {
  next,
  printFirstUndone,
  printGrades,
  printOutput,
  printTypeErrors,
  whatFollows,
} from './print-grades.ts';
import { usualCause } from '../lesson/status-advice.ts';

// What is remembered of the learner's own work must not matter here.
vi.mock('./next-step.ts', () => ({ nextStepIn: () => 'the next step' }));

const [lesson, second] = allLessons() as [ReturnType<typeof allLessons>[0], ReturnType<typeof allLessons>[0]];
const { folder } = lesson;
const failure = {
  expected: 'bread',
  came: 'butter',
  advice: 'Bake it.',
  at: `lessons/${folder}/server.ts:7`,
};
const failed: GradedStep = {
  number: 2,
  title: 'Two',
  half: 'client',
  state: 'failed',
  failed: { check: 'bakes bread', failure },
};
const step = (number: number, state: GradedStep['state']): GradedStep => ({
  number,
  title: `Title ${number}`,
  half: 'server',
  state,
});
const graded = (steps: GradedStep[], more: Partial<Grade> = {}): Grade => ({
  lesson,
  steps,
  together: { state: 'passed' },
  output: [],
  ...more,
});
const printed = (print: () => unknown): string[] => {
  const lines = printing();
  print();
  return lines.join('\n').split('\n');
};
const own = (line: number) => ({ file: `lessons/${folder}/server.ts`, line, message: `fault ${line}` });

describe('the grade of a lesson', () => {
  it('has each step with its state, and what a failed one lacks', () => {
    const steps = [step(1, 'passed'), failed, { ...step(3, 'not checked'), needs: 4 }, step(4, 'to do')];
    vi.stubEnv('WORKBOOK_SEED', '4711');
    const lines = printed(() =>
      printGrades([graded(steps, { together: { state: 'to do' } })], [], 'lessons'),
    );
    expect(lines).toEqual([
      '',
      `Lesson 1 · ${lesson.title}`,
      '',
      '  passed       Step 1 · Title 1',
      '  failed       Step 2 · Two',
      '               bakes bread',
      '               expected  bread',
      '               came      butter',
      '               Bake it.',
      `               at        lessons/${folder}/server.ts:7`,
      '  not checked  Step 3 · Title 3 (step 4 comes first)',
      '  to do        Step 4 · Title 4',
      '  to do        Both halves together',
      '',
      '1 of 4 steps passed.',
      'The checks drew their inputs with WORKBOOK_SEED=4711.',
      `Next: mend step 2, at lessons/${folder}/server.ts:7. For a hint: npm run lesson:1 hint`,
    ]);
  });

  it('begins with the given files that were changed, when something fails', () => {
    const changed = ['protos/hello.proto'];
    const lines = printed(() => printGrades([graded([failed])], [], 'lessons', changed));
    expect(lines[0]).toContain('protos/hello.proto is not as you were given it');
    expect(printed(() => printFirstUndone(graded([failed]), changed))[0]).toBe(lines[0]);
    expect(printed(() => printGrades([graded([step(1, 'passed')])], [], 'lessons', changed))[0]).toBe('');
  });

  it('leaves out what is not known of a failure, and names the file where no line is known', () => {
    const bare = {
      ...failed,
      failed: { check: 'bakes bread', failure: { ...failure, expected: '', advice: '', at: '' } },
    };
    const lines = printed(() => printFirstUndone(graded([bare])));
    expect(lines).toEqual([
      '  failed       Step 2 · Two',
      '               bakes bread',
      '               came      butter',
      `               at        lessons/${folder}/client.ts`,
    ]);
  });

  it('says what usually causes a status', () => {
    const came = 'UNAVAILABLE: nobody answers';
    const steps = [{ ...failed, failed: { check: 'bakes', failure: { ...failure, came } } }];
    const cause = usualCause(folder, came)!;
    expect(printed(() => printFirstUndone(graded(steps)))).toContain(`               usually   ${cause}`);
  });

  it('shows what went over the wire, and of a long line its beginning', () => {
    const timeline = ['client → hello', `server ← ${'x'.repeat(200)}`];
    const steps = [{ ...failed, failed: { check: 'bakes', failure: { ...failure, timeline } } }];
    const lines = printed(() => printFirstUndone(graded(steps)));
    expect(lines.slice(-3)).toEqual([
      '               over the wire, as each side saw it:',
      '                 client → hello',
      `                 ${timeline[1]!.slice(0, 159)}…`,
    ]);
  });

  it('says why the checks could not be run', () => {
    const broken = graded([step(1, 'not checked')], { broken: 'gone.', together: { state: 'not checked' } });
    const lines = printed(() => printGrades([broken], [], 'lessons'));
    expect(lines).toContain('  The checks could not be run: gone.');
    expect(lines.at(-1)).toBe('Next: see to that first. No step could be checked.');
  });

  it('says of both halves together what failed, and in which folder', () => {
    const together = { state: 'failed' as const, failed: { check: 'talk', failure: { ...failure, at: '' } } };
    const lines = printed(() => printGrades([graded([step(1, 'passed')], { together })], [], 'lessons'));
    expect(lines).toContain('  failed       Both halves together');
    expect(lines).toContain(`               at        lessons/${folder}/`);
    expect(lines.at(-1)).toBe('Next: both halves must work together. Run them: npm run lesson:1');
  });
});

describe('on a narrow terminal', () => {
  it('a failure stands further to the left, and its wire is cut to the width', () => {
    const lines = printing();
    const { isTTY, columns, rows } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns, rows }));
    Object.assign(process.stdout, { isTTY: true, columns: 40, rows: 24 });
    const timeline = [`client → ${'x'.repeat(60)}`];
    printFirstUndone(graded([{ ...failed, failed: { check: 'bakes', failure: { ...failure, timeline } } }]));
    expect(lines).toContain('    bakes');
    expect(lines.at(-1)).toBe(`      client → ${'x'.repeat(24)}…`);
  });
});

describe('the first step that is not done', () => {
  it('is shown alone', () => {
    const lines = printed(() =>
      printFirstUndone(graded([step(1, 'passed'), step(2, 'to do'), step(3, 'to do')])),
    );
    expect(lines).toEqual(['  to do        Step 2 · Title 2']);
  });

  it('is both halves together when every step has passed, and nothing when they have too', () => {
    const steps = [step(1, 'passed')];
    expect(printed(() => printFirstUndone(graded(steps, { together: { state: 'not checked' } })))).toEqual([
      '  not checked  Both halves together',
    ]);
    expect(printed(() => expect(printFirstUndone(graded(steps))).toBe(true))).toEqual(['']);
  });

  it('is not shown when nothing could be loaded: only why', () => {
    const unloaded = { ...failure, came: 'server.ts is no TypeScript.', notLoaded: true as const };
    const steps = [step(1, 'failed'), { ...failed, failed: { check: 'bakes', failure: unloaded } }];
    expect(printed(() => expect(printFirstUndone(graded(steps))).toBe(false))).toEqual([
      '  server.ts is no TypeScript.',
    ]);
    const broken = graded([failed], { broken: 'gone.' });
    expect(printed(() => expect(printFirstUndone(broken)).toBe(false))).toEqual([
      '  The checks could not be run: gone.',
    ]);
  });
});

describe('what the code printed', () => {
  const text = [
    '\u001B[31mhello\u001B[0m, look  at node:fs\n',
    'Error: no\n',
    `    at hello (/w/lessons/${folder}/server.ts:7:1)\n`,
    '    at x (/w/node_modules/y.js:1:1)\n',
    '    at z (node:internal/timers:1:1)\n',
    '    at z (/w/shared/lib/grpc/serve.ts:1:1)\n',
    '    at z (C:\\w\\shared\\grpc\\serve.ts:1:1)\n',
    `    at z (/w/lessons/${folder}/steps.test.ts:1:1)\n\n`,
  ];

  it('is shown when a check has failed, without the lines of others in its stacks', () => {
    for (const grade of [
      graded([failed], { output: text }),
      graded([], { output: text, together: { state: 'failed', failed: failed.failed! } }),
    ]) {
      expect(printed(() => printOutput(grade))).toEqual([
        '',
        'While it was checked, your code printed:',
        '  hello, look  at node:fs',
        '  Error: no',
        `      at hello (/w/lessons/${folder}/server.ts:7:1)`,
      ]);
    }
  });

  it('is not shown when nothing has failed, or nothing was printed', () => {
    expect(printed(() => printOutput(graded([step(1, 'passed')], { output: text })))).toEqual(['']);
    expect(printed(() => printOutput(graded([failed], { output: [' \n'] })))).toEqual(['']);
  });
});

describe('what the compiler says', () => {
  it('is shown of the lesson alone, and of many errors the first', () => {
    const others = { ...own(1), file: `lessons/${second.folder}/server.ts` };
    const errors = [others, own(1), own(2), own(3), own(4), own(5)];
    const file = `lessons/${folder}/server.ts`;
    expect(printed(() => printTypeErrors(graded([]), errors))).toEqual([
      '',
      'The TypeScript compiler finds fault with it:',
      `  ${file}:1  fault 1`,
      `  ${file}:2  fault 2`,
      `  ${file}:3  fault 3`,
      '  and 2 more',
    ]);
    expect(printed(() => printTypeErrors(graded([]), errors.slice(0, 4))).at(-1)).toBe(
      `  ${file}:3  fault 3`,
    );
    expect(printed(() => printTypeErrors(graded([]), [others]))).toEqual(['']);
  });

  it('keeps a lesson that passes from being done', () => {
    const grade = graded([step(1, 'passed')]);
    for (const grades of [[grade], [{ ...grade, lesson: second }, grade]]) {
      expect(printed(() => printGrades(grades, [own(1)], 'lessons')).at(-1)).toBe(
        'All steps pass, but the compiler finds fault: mend that too.',
      );
    }
  });
});

describe('what comes next', () => {
  it('is nothing when all has passed', () => {
    expect(next(graded([step(1, 'passed')]))).toBeUndefined();
  });

  it('is the step that is to do, when none has failed', () => {
    expect(next(graded([step(1, 'passed'), step(2, 'to do')]))).toBe(nextStepIn(lesson));
  });

  it('is to mend the step that threw, though the check of another has come to it', () => {
    const [first] = todosOf(folder);
    const at = `${first!.file}:${first!.line}`;
    const steps = [{ ...failed, failed: { check: 'bakes', failure: { ...failure, at } } }];
    expect(next(graded(steps))).toBe(
      `Next: mend step 1, at ${at}: the check of step 2 has come to that line. For a hint: npm run lesson:1 hint 1`,
    );
  });

  it('is to mend the file first that cannot be loaded', () => {
    const steps = [
      { ...failed, failed: { check: 'x', failure: { ...failure, at: '', notLoaded: true as const } } },
    ];
    expect(next(graded(steps))).toBe(
      `Next: mend lessons/${folder}/client.ts. The file cannot be loaded as it is, so none of its steps could be checked.`,
    );
  });

  it('is another lesson when that is where it failed', () => {
    const at = `lessons/${second.folder}/server.ts:3`;
    const steps = [{ ...failed, failed: { check: 'x', failure: { ...failure, at } } }];
    expect(next(graded(steps))).toBe(
      `Next: lesson 2 comes first, at ${at}. Grade it: npm run lesson:2 check`,
    );
  });

  it('is the next lesson, or all of them behind the last one', () => {
    expect(whatFollows(lesson)).toBe(
      `Lesson 1 is done. The next one is lesson 2 · ${second.title}: lessons/${second.folder}/README.md`,
    );
    expect(whatFollows(allLessons().at(-1)!)).toMatch(
      /^Lesson \d+ is done, and it is the last one\. .*npm run check$/,
    );
  });

  it('is said at the end of the grades: of the first lesson that is not done', () => {
    const done = graded([step(1, 'passed')]);
    const open = graded([step(1, 'to do')], { lesson: second, together: { state: 'to do' } });
    const last = (grades: Grade[]): string | undefined =>
      printed(() => printGrades(grades, [], 'lessons')).at(-1);
    expect(last([done, open])).toBe('the next step');
    expect(last([done])).toBe(whatFollows(lesson));
    expect(last([done, { ...done, lesson: second }])).toBe('Every lesson is done.');
    expect(last([])).toBe('0 of 0 steps passed.');
  });

  it('is not said of the solutions', () => {
    const lines = printed(() => printGrades([graded([step(1, 'passed')])], [own(1)], 'solutions'));
    expect(lines.at(-1)).toBe('1 of 1 steps passed.');
  });
});
