import { afterAll, describe, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

describe('a command that is typed wrongly', () => {
  it.each([
    [['lesson', '99'], 'There is no lesson 99. These are there: lesson:1, lesson:2'],
    [['check', 'three'], 'There is no lesson three.'],
    [['strat'], "unknown command 'strat'\n(Did you mean start?)"],
    [['author', 'interop', '--watch'], "unknown option '--watch'\nUsage: npm run author interop [files …]"],
  ])('%j is refused with a way on', async (args, expected) => {
    const { code, stderr } = await workbook.run(args);
    expect(stderr).toContain(expected);
    expect(code).toBe(2);
  });

  it.each([
    [['lesson', '1'], 'solution', 'npm run lesson:1 -- --solution'],
    [['lesson', '1', 'Bye'], 'greeting', 'npm kept --greeting for itself.'],
  ])('notices of %j that npm has kept --%s for itself', async (args, flag, expected) => {
    const env = { [`npm_config_${flag}`]: 'true', npm_lifecycle_event: 'lesson:1' };
    const { code, stderr } = await workbook.run(args, { env });
    expect(stderr).toContain(expected);
    expect(code).toBe(2);
  });

  it.each([
    [['lesson', '10', '--help'], /^ {2}certs +make or renew the certificates$/m],
    [['check', '-h'], /^ {2}--solution +the finished files in place of yours$/m],
    [['start', 'help'], /^Usage: npm run start$/m],
  ])('%j helps', async (args, expected) => {
    const { code, stdout } = await workbook.run(args);
    expect(stdout).toMatch(expected);
    expect(code).toBe(0);
  });
});

describe('npm run author starters', () => {
  it('keeps what it replaces', async () => {
    const file = 'lessons/01-unary-hello/server.ts';
    const starter = workbook.read(file);
    workbook.write(file, '// my own work');
    const { code, stdout } = await workbook.run(['author', 'starters']);
    expect(workbook.read(file)).toBe(starter);
    const kept = /kept in (\S+)/.exec(stdout)![1]!;
    expect(workbook.read(`${kept}/${file}`)).toBe('// my own work');
    expect(code).toBe(0);
  });
});
