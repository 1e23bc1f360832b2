import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { codeBlocks } from '#testkit/code-blocks.ts';
import { ownTaskTitle, togetherTitle } from '../../engine/check/check-events.ts';
import { hintsIn, stepText } from '../../engine/lesson/hints.ts';
import {
  allLessons,
  checksOf,
  fileOf,
  hasOwnTask,
  readmeOf,
  type Lesson,
} from '../../engine/lesson/lessons.ts';
import { halves, inWorkbook, relativePath } from '../../engine/lesson/paths.ts';
import { coachPart } from '../../engine/lesson/status-advice.ts';
import { stepRegions } from '../../engine/lesson/step-marks.ts';

/** What a lesson's folder holds, no more and no less. */
const lessonFiles = ['README.md', 'client.ts', 'server.ts', 'steps.test.ts'];
/** What a lesson with a task "On your own" has beside them. */
const ownTaskFile = 'own.test.ts';
const ownAnswerFile = 'own-answer.md';

const solutionFiles = ['client.ts', 'proof', 'server.ts'];

/** What proves a solution. Beside these there may be tests of real commands that belong to the lesson alone. */
const proofFiles = ['break-it.test.ts', 'main.test.ts', 'other-answers.md', 'wrong-answers.md'];

const strays = (
  folder: string,
  expected: string[],
  isAllowed: (name: string) => boolean = () => false,
): string[] => {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  return [
    ...expected
      .filter((name) => !present.includes(name))
      .map((name) => `${relativePath(folder)}/${name} is missing.`),
    ...present
      .filter((name) => !expected.includes(name) && !isAllowed(name))
      .map(
        (name) =>
          `${relativePath(folder)}/${name} is a stray file: a lesson has only ${expected.join(', ')}.`,
      ),
  ];
};

/** The parts of a lesson's README, in this order. */
const parts = [
  'What you will be able to do',
  'The idea',
  'The contract',
  'The steps',
  'Run it',
  coachPart,
  'Break it',
  'Check yourself',
  ownTaskTitle,
  'In your own project',
  'Go further',
];

/** A lesson is read to its end: so many words of text it may have, without its blocks of code. */
const mostWords = 2_400;

/** And so many lines, with its blocks of code. */
const mostLines = 350;

const wordsOf = (text: string): number =>
  text
    .replace(/^```[\s\S]*?^```/gm, '')
    .split(/\s+/)
    .filter((word) => word !== '').length;

const partProblems = (file: string, text: string, hasTask: boolean): string[] => {
  const problems: string[] = [];
  const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]!);
  const wanted = parts.filter((part) => hasTask || part !== ownTaskTitle);
  if (headings.join('|') !== wanted.join('|')) {
    problems.push(
      `${file}: the parts are "${headings.join('", "')}"; they should be "${wanted.join('", "')}".`,
    );
  }
  const words = wordsOf(text);
  if (words > mostWords) problems.push(`${file} has ${words} words; at most ${mostWords} are read.`);
  if (!codeBlocks(text).some(({ language }) => language === 'mermaid')) {
    problems.push(`${file}: the idea lacks its Mermaid diagram.`);
  }
  const lines = text.trimEnd().split('\n').length;
  if (lines > mostLines) problems.push(`${file} has ${lines} lines; at most ${mostLines} are read.`);
  const check = /^## Check yourself\n([\s\S]*?)^## /m.exec(text)?.[1] ?? '';
  const questions = check.match(/<summary>/g)?.length ?? 0;
  if (questions < 3 || questions > 5)
    problems.push(`${file}: ${questions} questions to check oneself; ask three to five.`);
  return problems;
};

/** Every experiment of "Break it" has its test, and every test its experiment. */
const experimentProblems = (folder: string, readme: string): string[] => {
  const [, part = ''] = /^## Break it$(.*?)^## /ms.exec(readme) ?? [];
  const told = [...part.matchAll(/^- \*\*(.+?)\.?\*\*/gm)].map((match) => match[1]!);
  const file = inWorkbook('solutions', folder, 'proof', 'break-it.test.ts');
  const tests = readFileSync(file, 'utf8');
  const tested = [...tests.matchAll(/^test[^\n]*?\((?:\n\s*)?(['"`])(.+?)\1/gm)].map((match) => match[2]!);
  return [
    ...told
      .filter((title) => !tested.includes(title))
      .map(
        (title) => `${relativePath(file)}: no test carries out "${title}" of the README's part "Break it".`,
      ),
    ...tested
      .filter((title) => !told.includes(title))
      .map((title) => `${relativePath(file)}: the README's part "Break it" has no experiment "${title}".`),
  ];
};

const stepProblems = (lesson: Lesson): string[] => {
  const { folder } = lesson;
  const readme = readmeOf(folder);
  const checks = readFileSync(checksOf(folder), 'utf8');
  const regions = halves.flatMap((half) => {
    const file = fileOf('solutions', folder, half);
    return stepRegions(readFileSync(file, 'utf8'), relativePath(file)).map((region) => ({ ...region, half }));
  });
  const problems: string[] = [];
  const where = `lessons/${folder}`;
  if (regions.length < 3 || regions.length > 6) {
    problems.push(`${where} has ${regions.length} steps; a lesson has three to six.`);
  }
  for (const half of halves) {
    if (!regions.some((region) => region.half === half)) problems.push(`${where}: the ${half} has no step.`);
  }
  const headings = [...readme.matchAll(/^### (Step \d+ · .+)$/gm)].map((match) => match[1]!);
  problems.push(
    ...partProblems(`${where}/README.md`, readme, hasOwnTask(folder)),
    ...experimentProblems(folder, readme),
  );
  const titles = regions.map(({ step, title }) => `Step ${step} · ${title}`);
  const groups = [...checks.matchAll(/^describe\('([^']+)'/gm)].map((match) => match[1]!);
  for (const [index, { step, half }] of regions.entries()) {
    const title = titles[index]!;
    if (step !== index + 1)
      problems.push(`${where}: step ${step} stands where step ${index + 1} should, in ${half}.ts.`);
    const text = stepText(readme, step);
    if (headings[index] !== title) {
      problems.push(
        `${where}/README.md: the heading "### ${headings[index] ?? '(none)'}" should be "### ${title}", as in the solution.`,
      );
    } else {
      const hints = hintsIn(text);
      if (hints.length !== 2)
        problems.push(
          `${where}/README.md: ${title} has ${hints.length} hints; give it two, the weaker first.`,
        );
      if (!text.includes(`Where: \`${half}.ts\``)) {
        problems.push(`${where}/README.md: ${title} should begin with "Where: \`${half}.ts\`, in …".`);
      }
    }
    if (!groups.includes(title)) {
      problems.push(`${where}/steps.test.ts: a describe titled "${title}" is missing.`);
    }
  }
  if (headings.length > titles.length)
    problems.push(`${where}/README.md tells of more steps than the solution has.`);
  if (groups.length !== titles.length + 1 || groups.at(-1) !== togetherTitle) {
    problems.push(
      `${where}/steps.test.ts should have one describe a step, and "${togetherTitle}" as the last one.`,
    );
  }
  return problems;
};

/** @returns a sentence for everything about the lessons' folders and steps that is not as it must be */
export const anatomyProblems = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(inWorkbook('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const lessons = allLessons();
  const problems = lessons.flatMap((lesson) => {
    const { folder, number } = lesson;
    const found = [
      ...strays(inWorkbook('lessons', folder), [
        ...lessonFiles,
        ...(hasOwnTask(folder) ? [ownTaskFile] : []),
      ]),
      ...strays(inWorkbook('solutions', folder), solutionFiles),
      ...strays(
        inWorkbook('solutions', folder, 'proof'),
        [...proofFiles, ...(hasOwnTask(folder) ? [ownAnswerFile] : [])],
        (name) => name.endsWith('.command.test.ts'),
      ),
    ];
    if (scripts[`lesson:${number}`]?.endsWith(`lesson ${number}`) !== true) {
      found.push(`package.json lacks the script "lesson:${number}".`);
    }
    return found.length > 0 ? found : stepProblems(lesson);
  });
  const unknown = readdirSync(inWorkbook('lessons')).filter(
    (name) => !lessons.some(({ folder }) => folder === name),
  );
  return [...problems, ...unknown.map((name) => `lessons/${name} has no counterpart in solutions/.`)];
};
