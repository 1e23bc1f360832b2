import { existsSync } from 'node:fs';
import { hanging, indented, paint } from '../terminal/style.ts';
import { folderInTheWay } from '../loading/unusable-folder.js';
import { note, ok, problem, type Finding } from './doctor/finding.ts';
import { writtenFolders } from './doctor/start-problems.ts';
import { lookAtWriting } from './doctor/write-access.ts';
import { bringBack, changedGivenFiles } from '../lesson/given-files.ts';
import { inWorkbook, root } from '../lesson/paths.ts';
import { examplePort } from '../run/run.ts';

const lookAtGivenFiles = async (): Promise<Finding> => {
  if (!existsSync(inWorkbook('solutions'))) {
    return problem(
      'solutions/ is missing, a part of the workbook that every lesson needs.',
      'Bring it back with: git checkout -- solutions',
    );
  }
  const [found, remedy] = bringBack(await changedGivenFiles())?.split(/(?<=\.) (?=Bring)/) ?? [];
  return found === undefined ? ok('What you were given is as it was.') : { ...note(found), remedy: remedy! };
};

const lookAtFolder = (): Finding => {
  const [sentence, remedy] = folderInTheWay()?.split(/(?<=\.) /) ?? [];
  return sentence === undefined
    ? ok("The name of the folder is in nobody's way.")
    : problem(sentence, remedy!);
};

/**
 * What is looked at, in order: what comes first may cause what follows. What needs packages is loaded when its turn
 * comes, so that the rest is told even where they are missing.
 */
const looks: [what: string, look: () => Finding | Promise<Finding>][] = [
  ['the version of Node.js', async () => (await import('./doctor/packages.ts')).lookAtNode(root)],
  ['the name of the folder', lookAtFolder],
  ['the installed packages', async () => (await import('./doctor/packages.ts')).lookAtPackages(root)],
  ...writtenFolders.map((name): [string, () => Finding] => [`${name}/`, () => lookAtWriting(root, name)]),
  ['your own files', async () => (await import('./doctor/answer-files.ts')).lookAtAnswers()],
  ['the given files', lookAtGivenFiles],
  ['the generated types', async () => (await import('./doctor/types-up-to-date.ts')).lookAtTypes()],
  [`port ${examplePort}`, async () => (await import('./doctor/network.ts')).lookAtPort(examplePort)],
  ['the loopback', async () => (await import('./doctor/network.ts')).lookAtLoopback()],
  ['Redis', async () => (await import('./doctor/redis.ts')).lookAtRedis()],
  ['the terminal', async () => (await import('./doctor/terminal.ts')).lookAtTerminal()],
  ['the environment', async () => (await import('./doctor/environment-variables.ts')).lookAtEnvironment()],
  ['git', async () => (await import('./doctor/git.ts')).lookAtGit(root)],
];

// Each state is said in a word; the colour only repeats it.
const painted: Record<Finding['state'], string> = {
  ok: paint.green('ok     '),
  problem: paint.red('problem'),
  note: paint.yellow('note   '),
};

const print = ({ state, found, remedy }: Finding): void => {
  console.log(hanging(`${painted[state]}  `, found));
  if (remedy !== undefined) console.log(indented(remedy, 9));
};

/** A look that itself fails has found something too. */
const failedLook = (what: string, error: unknown): Finding => {
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n');
  return problem(
    `It could not be found out whether all is well with ${what}: ${message}`,
    'Mend what stands above first, and look again.',
  );
};

const summary = (problems: number): string => {
  if (problems === 0) return 'No problem was found.';
  const many = problems === 1 ? 'One problem was' : `${problems} problems were`;
  return `${many} found. Begin with the first: it may be the cause of others.`;
};

/**
 * `npm run doctor`: looks at everything but the learner's code that can keep the workbook from working, and says for each
 * what was found and what to do.
 *
 * @returns the exit code: 0 when there is no problem, else 1
 */
export const doctor = async (): Promise<number> => {
  let problems = 0;
  for (const [what, look] of looks) {
    const finding = await Promise.resolve()
      .then(look)
      .catch((error: unknown) => failedLook(what, error));
    print(finding);
    if (finding.state === 'problem') problems += 1;
  }
  console.log();
  console.log(indented(summary(problems), 0));
  return problems === 0 ? 0 : 1;
};
