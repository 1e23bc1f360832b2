/**
 * Where every command begins. It finds out what was asked for, loads what that needs and nothing else,
 * and leaves with the command's exit code: 0 passed, 1 a check failed, 2 used wrongly, 130 interrupted.
 */
import { allLessons, type Lesson } from '../lesson/lessons.ts';
import { ownFlags, refuseKept } from '../run/flags.ts';
import { WorkbookCommand } from '../terminal/workbook-command.ts';
import { runCommandLine } from './command-line.ts';
import { answersOf, findLesson, runLesson } from './lesson-command.ts';

const program = new WorkbookCommand('npm run').helpCommand(false) as WorkbookCommand;
program
  .word('start', 'the menu: where you are, and what comes next')
  .runs(async () => (await import('../commands/start.ts')).start());
program
  .word('check', 'grade lessons')
  .argument(
    '[numbers...]',
    'those of the lessons; without any, all',
    (text: string, before: Lesson[] = []) => [...new Set([...before, findLesson(text)])],
  )
  .addOption(ownFlags.solution())
  .addOption(ownFlags.json())
  .runs(async (lessons: Lesson[], { json, ...flags }) =>
    (await import('../commands/check.ts')).check(
      lessons.length > 0 ? lessons : allLessons(),
      answersOf(flags),
      json,
    ),
  );
program
  .word('doctor', 'look for what is wrong on this machine')
  .runs(async () => (await import('../commands/doctor.ts')).doctor());
program
  .word('generate', 'write the types of the contracts anew')
  .runs(async () => (await import('../lesson/generated-types.ts')).writeTypes());

await runCommandLine(async () => {
  const [name = 'start', ...args] = process.argv.slice(2);
  refuseKept(['solution', 'json', 'own', 'host', 'port'], args[name === 'lesson' ? 1 : 0]);
  if (name === 'lesson') await runLesson(args);
  else await program.parseAsync([name, ...(args[0] === 'help' ? ['--help'] : args)], { from: 'user' });
});
