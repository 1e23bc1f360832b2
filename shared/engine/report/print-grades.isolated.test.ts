import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { printing } from '../check/kit/captured-output.ts';
import type { Grade, GradedStep } from '../check/grade.ts';
import { allLessons, todosOf, type Lesson } from '../lesson/lessons.ts';
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

const [lesson, second] = allLessons() as [Lesson, Lesson];
const server = `lessons/${lesson.folder}/server.ts`;
const failure = { expected: 'bread', came: 'butter', advice: 'Bake it.', at: `${server}:7` };
type Failure = NonNullable<GradedStep['failed']>['failure'];
const step = (number: number, state: GradedStep['state']): GradedStep => ({
  number,
  title: `Title ${number}`,
  half: 'server',
  state,
});
/** Step 2, whose check has failed like this. */
const failed = (how: Partial<Failure> = {}): GradedStep & Required<Pick<GradedStep, 'failed'>> => ({
  ...step(2, 'failed'),
  half: 'client',
  failed: { check: 'bakes bread', failure: { ...failure, ...how } },
});
const graded = (steps: GradedStep[], more: Partial<Grade> = {}): Grade => ({
  lesson,
  steps,
  together: { state: 'passed' },
  output: [],
  ...more,
});
const done = graded([step(1, 'passed')]);
const broken = graded([step(1, 'not checked')], { broken: 'gone.', together: { state: 'not checked' } });
const printed = (print: () => unknown): string[] => {
  const lines = printing();
  print();
  return lines.join('\n').split('\n');
};
const allPrinted = (...given: Parameters<typeof printGrades>): string[] =>
  printed(() => printGrades(...given));
/** What is printed of the first step that is not done, and whether the files could be loaded. */
const firstUndone = (grade: Grade, changed?: string[]): { lines: string[]; loaded: boolean } => {
  let loaded = false;
  const lines = printed(() => (loaded = printFirstUndone(grade, changed)));
  return { lines, loaded };
};
const own = (line: number) => ({ file: server, line, message: `fault ${line}` });

describe('the grade of a lesson', () => {
  it('has each step with its state, and what a failed one lacks', () => {
    const steps = [step(1, 'passed'), failed(), { ...step(3, 'not checked'), needs: 4 }, step(4, 'to do')];
    vi.stubEnv('WORKBOOK_SEED', '4711');
    expect(allPrinted([graded(steps, { together: { state: 'to do' } })], [], 'lessons')).toEqual([
      '',
      `Lesson 1 · ${lesson.title}`,
      '',
      '  passed       Step 1 · Title 1',
      '  failed       Step 2 · Title 2',
      '               bakes bread',
      '               expected  bread',
      '               got       butter',
      '               Bake it.',
      `               at        ${server}:7`,
      '  not checked  Step 3 · Title 3 (step 4 comes first)',
      '  to do        Step 4 · Title 4',
      '  to do        Both halves together',
      '',
      '1 of 4 steps passed.',
      'The checks drew their inputs with WORKBOOK_SEED=4711.',
      `Next: fix step 2, at ${server}:7. For a hint: npm run lesson:1 hint`,
    ]);
  });

  it('begins with the given files that were changed, when something fails', () => {
    const changed = ['protos/hello.proto'];
    const [first] = allPrinted([graded([failed()])], [], 'lessons', changed);
    expect(first).toContain('protos/hello.proto is not as you were given it');
    expect(firstUndone(graded([failed()]), changed).lines[0]).toBe(first);
    expect(allPrinted([done], [], 'lessons', changed)[0]).toBe('');
  });

  const wire = ['client → hello', `server ← ${'x'.repeat(200)}`];
  const unavailable = 'UNAVAILABLE: nobody answers';
  it.each<[string, Partial<Failure>, string[]]>([
    [
      'leaves out what is not known of it, and names the file where no line is known',
      { expected: '', advice: '', at: '' },
      ['got       butter', `at        lessons/${lesson.folder}/client.ts`],
    ],
    [
      'says what usually causes a status, where the check has no advice',
      { expected: '', came: unavailable, advice: '' },
      [
        `got       ${unavailable}`,
        `usually   ${usualCause(lesson.folder, unavailable)}`,
        `at        ${server}:7`,
      ],
    ],
    [
      'shows what went over the wire, and of a long line its beginning',
      { expected: '', advice: '', timeline: wire },
      [
        'got       butter',
        `at        ${server}:7`,
        'over the wire, as each side saw it:',
        '  client → hello',
        `  ${wire[1]!.slice(0, 159)}…`,
      ],
    ],
  ])('of a failure %s', (_what, how, lines) => {
    expect(firstUndone(graded([failed(how)])).lines).toEqual([
      '  failed       Step 2 · Title 2',
      ...['bakes bread', ...lines].map((line) => `               ${line}`),
    ]);
  });

  it('says why the checks could not be run', () => {
    const lines = allPrinted([broken], [], 'lessons');
    expect(lines).toContain('  The checks could not be run: gone.');
    expect(lines.at(-1)).toBe('Next: see to that first. No step could be checked.');
  });

  it('says of both halves together what failed, and in which folder', () => {
    const together = { state: 'failed' as const, failed: failed({ at: '' }).failed };
    const lines = allPrinted([{ ...done, together }], [], 'lessons');
    expect(lines).toContain('  failed       Both halves together');
    expect(lines).toContain(`               at        lessons/${lesson.folder}/`);
    expect(lines.at(-1)).toBe('Next: both halves must work together. Run them: npm run lesson:1');
  });
});

describe('on a small terminal', () => {
  beforeEach(() => {
    const { isTTY, columns, rows } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns, rows }));
    Object.assign(process.stdout, { isTTY: true, columns: 40, rows: 24 });
  });

  it('a failure stands further to the left, its lines are broken, and its wire is cut', () => {
    const expected = '漢字 three loaves of the very best bread';
    const { lines } = firstUndone(graded([failed({ expected, timeline: [`client → ${'x'.repeat(60)}`] })]));
    expect(lines.slice(1, 4)).toEqual([
      '    bakes bread',
      '    expected  漢字 three loaves of the',
      '              very best bread',
    ]);
    expect(lines.at(-1)).toBe(`      client → ${'x'.repeat(24)}…`);
  });

  it('a long failure loses lines in its middle, and says how many, and how to see them', () => {
    const came = Array.from({ length: 48 }, (_, index) => `loaf ${index + 1}`).join('\n');
    const timeline = Array.from({ length: 20 }, (_, index) => `client → ${index + 1}`);
    expect(firstUndone(graded([failed({ came, timeline })])).lines).toEqual([
      '  failed       Step 2 · Title 2',
      '    bakes bread',
      '    expected  bread',
      '    got       loaf 1',
      '              loaf 2',
      '              … 45 more',
      '              loaf 48',
      '    Bake it.',
      `    at        ${server}:7`,
      '    over the wire, as each side saw it:',
      '      client → 1',
      '      … 18 more',
      '      client → 20',
      '    every line: npm run lesson:1 check >',
      '    check.txt',
    ]);
  });
});

describe('the first step that is not done', () => {
  const notLoaded = { came: 'server.ts is no TypeScript.', notLoaded: true } as const;
  it.each<[string, Grade, { lines: string[]; loaded: boolean }]>([
    [
      'is shown alone',
      graded([step(1, 'passed'), step(2, 'to do'), step(3, 'to do')]),
      { lines: ['  to do        Step 2 · Title 2'], loaded: true },
    ],
    [
      'is both halves together when every step has passed',
      { ...done, together: { state: 'not checked' } },
      { lines: ['  not checked  Both halves together'], loaded: true },
    ],
    ['is nothing when they have too', done, { lines: [''], loaded: true }],
    [
      'is not shown when a file could not be loaded: only why',
      graded([step(1, 'failed'), failed(notLoaded)]),
      { lines: ['  server.ts is no TypeScript.'], loaded: false },
    ],
    [
      'is not shown when the checks could not be run: only why',
      { ...broken, steps: [failed()] },
      { lines: ['  The checks could not be run: gone.'], loaded: false },
    ],
  ])('%s', (_what, grade, expected) => {
    expect(firstUndone(grade)).toEqual(expected);
  });
});

describe('what the code printed', () => {
  const text = [
    '\u001B[31mhello\u001B[0m, look  at node:fs\n',
    'Error: no\n',
    `    at hello (/w/${server}:7:1)\n`,
    '    at x (/w/node_modules/y.js:1:1)\n',
    '    at z (node:internal/timers:1:1)\n',
    '    at z (/w/shared/lib/grpc/serve.ts:1:1)\n',
    '    at z (C:\\w\\shared\\grpc\\serve.ts:1:1)\n',
    `    at z (/w/lessons/${lesson.folder}/steps.test.ts:1:1)\n\n`,
  ];
  const shown = [
    '',
    'While it was checked, your code printed:',
    '  hello, look  at node:fs',
    '  Error: no',
    `      at hello (/w/${server}:7:1)`,
  ];

  it.each<[string, Grade, string[]]>([
    ['a step has failed', graded([failed()], { output: text }), shown],
    [
      'the pair has failed',
      graded([], { output: text, together: { state: 'failed', failed: failed().failed } }),
      shown,
    ],
    ['nothing has failed', { ...done, output: text }, ['']],
    ['nothing was printed', graded([failed()], { output: [' \n'] }), ['']],
  ])('is shown only of a failure, without the lines of others in its stacks: %s', (_what, grade, lines) => {
    expect(printed(() => printOutput(grade))).toEqual(lines);
  });
});

describe('what the compiler says', () => {
  it('is shown of the lesson alone, and of many errors the first', () => {
    const others = { ...own(1), file: `lessons/${second.folder}/server.ts` };
    const errors = [others, ...[1, 2, 3, 4, 5].map(own)];
    const printedOf = (some: typeof errors): string[] => printed(() => printTypeErrors(done, some));
    expect(printedOf(errors)).toEqual([
      '',
      'The TypeScript compiler reports errors:',
      `  ${server}:1  fault 1`,
      `  ${server}:2  fault 2`,
      `  ${server}:3  fault 3`,
      '  and 2 more',
    ]);
    expect(printedOf(errors.slice(0, 4)).at(-1)).toBe(`  ${server}:3  fault 3`);
    expect(printedOf([others])).toEqual(['']);
  });
});

describe('what comes next', () => {
  it('is a key where there is one', () => {
    vi.stubEnv('WORKBOOK_PLACE', 'watch');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(next(graded([failed()]))).toBe(`Next: fix step 2, at ${server}:7. For a hint: press h`);
    expect(next({ ...done, together: { state: 'failed' } })).toMatch(/Run them: press r$/);
  });

  const { file, line } = todosOf(lesson.folder)[0]!;
  const elsewhere = `lessons/${second.folder}/server.ts:3`;
  it.each<[string, GradedStep, string | undefined]>([
    ['is nothing when all has passed', step(1, 'passed'), undefined],
    ['is the step that is to do, when none has failed', step(1, 'to do'), 'the next step'],
    [
      'is to fix the step that threw, though the check of another has come to it',
      failed({ at: `${file}:${line}` }),
      `Next: fix step 1, at ${file}:${line}: the check of step 2 has come to that line. For a hint: npm run lesson:1 hint 1`,
    ],
    [
      'is to fix the file first that cannot be loaded',
      failed({ at: '', notLoaded: true }),
      `Next: fix lessons/${lesson.folder}/client.ts. The file cannot be loaded as it is, so none of its steps could be checked.`,
    ],
    [
      'is another lesson when that is where it failed',
      failed({ at: elsewhere }),
      `Next: lesson 2 comes first, at ${elsewhere}. Grade it: npm run lesson:2 check`,
    ],
  ])('%s', (_what, one, expected) => {
    expect(next(graded([step(1, 'passed'), one]))).toBe(expected);
  });

  it('is the next lesson, or all of them behind the last one', () => {
    expect(whatFollows(lesson)).toBe(
      `Lesson 1 is done. The next one is lesson 2 · ${second.title}: lessons/${second.folder}/README.md`,
    );
    expect(whatFollows(allLessons().at(-1)!)).toMatch(
      /^Lesson \d+ is done, and it is the last one\. .*npm run check$/,
    );
  });

  const open = graded([step(1, 'to do')], { lesson: second, together: { state: 'to do' } });
  const doneToo = { ...done, lesson: second };
  const faulty = 'All steps pass, but the compiler reports errors: fix those too.';
  it.each<[string, Grade[], ReturnType<typeof own>[], string]>([
    ['of the first lesson that is not done', [done, open], [], 'the next step'],
    ['when the only one is done', [done], [], whatFollows(lesson)],
    ['when the compiler reports errors', [done], [own(1)], faulty],
    ['when the compiler reports errors in one', [doneToo, done], [own(1)], faulty],
    ['when all are done', [done, doneToo], [], 'Every lesson is done.'],
    ['when there are none', [], [], '0 of 0 steps passed.'],
  ])('is said at the end of the grades: %s', (_when, grades, errors, expected) => {
    expect(allPrinted(grades, errors, 'lessons').at(-1)).toBe(expected);
  });
});
