import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { allLessons } from '../../engine/lesson/lessons.ts';
import { inWorkbook, relativePath } from '../../engine/lesson/paths.ts';
import { coachedStatuses, coachPart, sentenceIn } from '../../engine/lesson/status-advice.ts';
import { codeBlocks } from '#testkit/code-blocks.ts';

/** The longest sentence for a status, in characters: it is printed below a failure, where people read a line or two. */
const longestSentence = 220;

/** Every status that puzzles people has its sentence. */
const coachProblems = (file: string, text: string): string[] =>
  coachedStatuses.flatMap((name) => {
    const sentence = sentenceIn(text, name);
    if (sentence === undefined || !sentence.endsWith('.')) {
      return [
        `${file}: "${coachPart}" needs a line "- \`${name}\`: one sentence.": what usually causes it here, and where to look.`,
      ];
    }
    return sentence.length > longestSentence
      ? [
          `${file}: the sentence for ${name} has ${sentence.length} characters; ${longestSentence} are enough.`,
        ]
      : [];
  });

/** Every excerpt of a contract is a run of lines of a contract. */
const excerptProblems = (file: string, text: string, contracts: string[]): string[] =>
  codeBlocks(text)
    .filter(({ language }) => language === 'proto')
    .filter((block) => !contracts.some((contract) => contract.includes(block.text)))
    .map((block) => `${file}:${block.line}: this excerpt is in no file of protos/, to the letter.`);

/** Every npm script that is named exists. */
const commandProblems = (file: string, text: string, scripts: string[]): string[] =>
  [...text.matchAll(/npm run (?!-)([\w:]+)/g)]
    .map((match) => match[1]!)
    .filter((script) => !scripts.includes(script) && script !== 'lesson:N')
    .map((script) => `${file}: there is no script "${script}" in package.json.`);

/** Every link into the workbook leads to a file, and every file that is named in code marks is there. */
const linkProblems = (file: string, text: string): string[] => {
  const folder = path.dirname(inWorkbook(file));
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) =>
    path.resolve(folder, match[1]!),
  );
  const named = [...text.matchAll(/`((?:lessons|solutions|protos|shared)\/[\w./-]+)`/g)].map((match) =>
    inWorkbook(match[1]!),
  );
  // NN and N stand for the number of any lesson.
  return [...links, ...named]
    .filter((target) => !target.includes('NN-') && !existsSync(target))
    .map((target) => `${file} names ${relativePath(target)}, which is not there.`);
};

/** @returns a sentence for everything that the READMEs say and that is not so */
export const readmeProblems = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(inWorkbook('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const contracts = readdirSync(inWorkbook('protos'))
    .filter((name) => name.endsWith('.proto'))
    .map((name) => readFileSync(inWorkbook('protos', name), 'utf8').replaceAll('\r\n', '\n'));
  const lessons = allLessons().map(({ folder }) => `lessons/${folder}/README.md`);
  return ['README.md', '.github/CONTRIBUTING.md', ...lessons].flatMap((file) => {
    if (!existsSync(inWorkbook(file))) return [`${file} is missing.`];
    const text = readFileSync(inWorkbook(file), 'utf8').replaceAll('\r\n', '\n');
    return [
      ...(lessons.includes(file) ? coachProblems(file, text) : []),
      ...excerptProblems(file, text, contracts),
      ...commandProblems(file, text, Object.keys(scripts)),
      ...linkProblems(file, text),
    ];
  });
};
