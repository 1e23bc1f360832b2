import { readFileSync } from 'node:fs';
import { togetherTitle } from '../../engine/check/check-events.ts';
import type { Seen, SeenCheck } from '../../engine/check/grade.ts';
import { allLessons, fileOf, hasOwnTask, type Lesson } from '../../engine/lesson/lessons.ts';
import { relativePath, type Half } from '../../engine/lesson/paths.ts';
import { writeText } from '../../engine/lesson/backup.ts';
import { documentOf, writtenAnswers, type WrittenAnswer } from './written-answers.ts';
import { masked } from '#testkit/masked-output.ts';
import { checkVariants, type Variant, type VariantSet } from './variants.ts';

/** How many answers each document has at least. */
const least = { 'wrong-answers.md': 8, 'other-answers.md': 3 } as const;

const tooFew = (name: keyof typeof least): string[] =>
  allLessons().flatMap((lesson) => {
    const count = writtenAnswers(lesson, name).length;
    return count < least[name]
      ? [
          `${relativePath(documentOf(lesson, name))} has ${count} answers; at least ${least[name]} are needed.`,
        ]
      : [];
  });

/** @returns the first check that has not passed, in the order of the steps */
const firstFailure = ({ checks }: Seen): SeenCheck | undefined =>
  checks.find(({ result }) => result !== 'passed');

/** What a learner reads of a failed check, but for the place, which changes with every line of the lesson. */
const messageOf = ({ check, failure }: SeenCheck): string =>
  masked(
    [
      check,
      ...(failure
        ? [failure.expected && `expected  ${failure.expected}`, `got       ${failure.came}`, failure.advice]
        : ['got       your code did not come back, and nothing else could run']),
    ]
      .filter((line) => line !== '')
      .map((line) => line.replaceAll(/ \((?:lessons|solutions|\.workbook)\/[^)]*\)/g, ' (FILE)'))
      .join('\n'),
  ).concat('\n');

const isUnexplained = ({ failure }: SeenCheck): boolean =>
  failure !== undefined &&
  (/\b(?:test|hook) timed out\b|more than a check may/i.test(failure.came) ||
    (failure.expected === '' && failure.advice === '' && failure.at === ''));

/** What a wrong answer is refused by: the heading begins with it. */
const refuser = new RegExp(`^(Step (\\d+)|${togetherTitle}) · `);

/** @returns the wrong answers of lessons: of each, what comes behind the step that has to refuse it says no more */
const refusable = (lessons: Lesson[]): WrittenAnswer[] =>
  lessons
    .flatMap((lesson) => writtenAnswers(lesson, 'wrong-answers.md'))
    .map((answer) => {
      const last = Number(refuser.exec(answer.title)?.[2] ?? NaN);
      if (Number.isNaN(last)) return answer;
      return { ...answer, steps: Array.from({ length: last }, (_, index) => index + 1) };
    });

/** What does not hold about a wrong answer, but for the words of its refusal. */
const refusalProblems = ({ title, where }: WrittenAnswer, seen: Seen): string[] => {
  const group = refuser.exec(title)?.[1];
  if (!group) {
    return [
      `${where}: the heading begins with what has to refuse it: "Step 1 · …", or "${togetherTitle} · …".`,
    ];
  }
  if (seen.broken !== undefined) return [`${where}: the checks could not be run: ${seen.broken}`];
  const failure = firstFailure(seen);
  if (!failure) return [`${where}: neither "${group}" nor a step before it refuses it.`];
  if (!`${failure.group} · `.startsWith(`${group} · `)) {
    return [
      `${where}: it should be refused by "${group}", and is by "${failure.group}": ${messageOf(failure)}`,
    ];
  }
  return isUnexplained(failure) ? [`${where}: the refusal explains nothing: ${messageOf(failure)}`] : [];
};

/**
 * The wrong answers of every lesson: each one is refused by the step that it is about, or by the last check, with the
 * words that are written down behind it.
 *
 * @returns every wrong answer
 */
export const wrongAnswers = (): VariantSet => {
  const answers = refusable(allLessons());
  return {
    variants: answers,
    problems: (seen) => [
      ...tooFew('wrong-answers.md'),
      ...answers.flatMap((answer, index) => {
        const problems = refusalProblems(answer, seen[index]!);
        if (problems.length > 0) return problems;
        const message = messageOf(firstFailure(seen[index]!)!);
        return message === answer.said
          ? []
          : [
              `${answer.where}: the checks say other words than are written there (npm run author pin writes them):\n${message}`,
            ];
      }),
    ],
  };
};

/**
 * The other right answers of every lesson: all checks pass.
 *
 * @returns every one of them
 */
export const otherAnswers = (): VariantSet => {
  const answers = allLessons().flatMap((lesson) => writtenAnswers(lesson, 'other-answers.md'));
  return {
    variants: answers,
    problems: (seen) => [
      ...tooFew('other-answers.md'),
      ...answers.flatMap(({ where }, index) => {
        const { broken, checks } = seen[index]!;
        if (broken !== undefined) return [`${where}: the checks could not be run: ${broken}`];
        const failure = firstFailure(seen[index]!);
        if (failure)
          return [`${where}: it should pass, and ${failure.group} refuses it: ${messageOf(failure)}`];
        return checks.some(({ group }) => group === togetherTitle)
          ? []
          : [`${where}: not every check was run.`];
      }),
    ],
  };
};

/**
 * The tasks "On your own": the answer that is written down passes, and every step with it; the finished pair without it
 * does not.
 *
 * @returns three variants of each lesson that has such a task
 */
export const ownTasks = (): VariantSet => {
  const lessons = allLessons().filter(({ folder }) => hasOwnTask(folder));
  const variants = lessons.flatMap((lesson): Variant[] => {
    const [answer] = writtenAnswers(lesson, 'own-answer.md');
    if (!answer) return [];
    const finished = (half: Half): string => readFileSync(fileOf('solutions', lesson.folder, half), 'utf8');
    return [
      { ...answer, checked: 'own' },
      { ...answer, name: `${answer.name}-steps` },
      {
        lesson,
        name: 'own-unanswered',
        texts: { server: finished('server'), client: finished('client') },
        checked: 'own',
      },
    ];
  });
  return {
    variants,
    problems: (seen) =>
      lessons.flatMap(({ folder }, index) => {
        const where = `solutions/${folder}/proof/own-answer.md`;
        const [answered, steps, unanswered] = seen.slice(3 * index, 3 * index + 3);
        if (!answered || !steps || !unanswered) return [`${where} has no answer.`];
        const failed = firstFailure(answered) ?? firstFailure(steps);
        return [
          ...(answered.checks.length === 0
            ? [`${where}: nothing was checked: ${answered.broken ?? ''}`]
            : []),
          ...(failed ? [`${where}: it should pass: ${messageOf(failed)}`] : []),
          ...(firstFailure(unanswered)
            ? []
            : [`lessons/${folder}/own.test.ts passes with the finished pair, which does not do the task.`]),
        ];
      }),
  };
};

/**
 * `npm run author pin`: writes behind each wrong answer what the checks say to it.
 *
 * @param numbers - the lessons; all when there are none
 * @returns the exit code: 1 when one is not refused as it should be
 */
export const pinWrongAnswers = async (numbers: readonly number[]): Promise<number> => {
  const lessons = allLessons().filter(({ number }) => numbers.length === 0 || numbers.includes(number));
  const answers = refusable(lessons);
  const seen = await checkVariants(answers);
  const problems = answers.flatMap((answer, index) => refusalProblems(answer, seen[index]!));
  for (const lesson of lessons) {
    const file = documentOf(lesson, 'wrong-answers.md');
    const own = answers.filter((answer) => answer.lesson === lesson);
    if (own.length === 0) continue;
    const [head = '', ...sections] = readFileSync(file, 'utf8')
      .replaceAll('\r\n', '\n')
      .split(/^(?=## )/m);
    const pinned = sections.map((section, index) => {
      const failure = firstFailure(seen[answers.indexOf(own[index]!)]!);
      if (!failure) return section;
      const rest = section.replace(/\n*^```text\n[\s\S]*?^```\n*/m, '').trimEnd();
      return `${rest}\n\n\`\`\`text\n${messageOf(failure)}\`\`\`\n`;
    });
    const text = [head.trimEnd(), ...pinned.map((section) => section.trimEnd())].join('\n\n');
    writeText(file, `${text}\n`);
  }
  for (const problem of problems) console.error(problem);
  console.log(
    `${answers.length - problems.length} of ${answers.length} wrong answers are refused as they should be.`,
  );
  return problems.length === 0 ? 0 : 1;
};
