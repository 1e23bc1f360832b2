import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { codeBlocks } from '#testkit/code-blocks.ts';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { allLessons } from '../lesson/lessons.ts';
import { checkOwnTask } from './own-task.ts';

const workbook = new WorkbookCopy();
const server = '03-client-streaming/server.ts';
const checks = 'lessons/03-client-streaming/own.test.ts';
const pristine = workbook.read(checks);
const check = () => workbook.run(['lesson', '3', 'check', '--own']);
const map = async (): Promise<string> => (await workbook.run(['start'])).stdout;

beforeEach(() => workbook.write(checks, pristine));
afterAll(() => workbook.delete());

describe('npm run lesson:3 check -- --own', () => {
  it('fails the finished pair, which does not do the task, and says what is missing', async () => {
    workbook.solve(server, 'request.push(message);', "console.log('one more');\n    request.push(message);");
    const { code, stdout } = await check();
    expect(stdout).toMatch(/failed +On your own\n +keeps the first request of each name/);
    expect(stdout).toMatch(/expected [^]*got [^]*over the wire[^]*your code printed:\n {2}one more/);
    expect(stdout).toMatch(/WORKBOOK_SEED=[^]*README\.md\. It has no hints\./);
    expect(await map()).not.toContain('★');
    expect(code).toBe(1);
  });

  it('passes one that does it, and keeps a star for it, which nothing else takes away', async () => {
    workbook.solve(
      server,
      'request.push(message);',
      `const once = call.metadata.get('guests')[0] === 'once';
    if (!once || !request.some(({ name }) => name === message.name)) request.push(message);`,
    );
    const { code, stdout } = await check();
    expect(stdout).toMatch(/passed +On your own\n\nLesson 3 has a star on the map now/);
    expect(code).toBe(0);
    expect(await map()).toMatch(/Client streaming · .* · on your own ★/);
    workbook.solve(server);
    expect((await check()).code).toBe(1);
    await workbook.run(['lesson', '3', 'check']);
    expect(await map()).toContain('on your own ★');
  });

  it('says how to bring back checks that are missing, or were broken', async () => {
    workbook.remove(checks);
    const missing = await check();
    expect(missing.stdout).toContain(`Bring it back with: git checkout -- ${checks}`);
    expect(missing.code).toBe(1);
    workbook.write(checks, `${pristine}syntax (`);
    const broken = await check();
    expect(broken.stdout).toMatch(/could not be run: .*own\.test\.ts/);
    expect(broken.code).toBe(1);
  });

  it.each([
    [1, {}, 'Lesson 1 has no task "On your own". These have one: 2, 3, '],
    [3, { json: true }, 'Leave out --json'],
    [3, { answers: 'solutions' as const }, 'Leave out --solution'],
  ])('of lesson %i with %j is refused', async (number, options, message) => {
    const lesson = allLessons().find((each) => each.number === number)!;
    const checked = checkOwnTask(lesson, { answers: 'lessons', json: false, ...options });
    await expect(checked).rejects.toThrow(message);
  });
});

describe('npm run lesson:2 check -- --own', () => {
  const proto = 'protos/countdown.proto';
  const contract = (): string => {
    const blocks = codeBlocks(workbook.read('solutions/02-server-streaming/proof/own-answer.md'));
    for (const { about, text } of blocks) workbook.write(about, text);
    return workbook.read(proto);
  };
  const own = () => workbook.run(['lesson', '2', 'check', '--own']);

  it('says what is to be written, passes a contract and its server, and names the line of a broken one', async () => {
    const before = await own();
    expect(before.stdout).toMatch(/got +neither file\n +Write the contract, run npm run generate, then/);
    expect(before.code).toBe(1);

    const right = contract();
    const generated = await workbook.run(['generate']);
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    const passed = await own();
    expect(passed.stdout).toContain('Lesson 2 has a star on the map now');
    expect(passed.stdout).not.toContain('compiler reports errors');
    expect(passed.code).toBe(0);

    workbook.write(proto, right.replace('package countdown;', 'package countdown'));
    const broken = `${proto}:5 is no valid contract: illegal token 'service'`;
    expect((await own()).stdout).toContain(`got       ${broken}`);
    expect((await workbook.run(['generate'])).stderr).toContain(broken);
  });

  it('leaves the checks of the lessons as they are while its contract is broken', async () => {
    workbook.write(proto, 'broken');
    workbook.solveBoth('01-unary-hello');
    workbook.solve('01-unary-hello/server.ts', '${greeting} ', '');
    expect((await workbook.run(['lesson', '1', 'check'])).stdout).toMatch(/client.* → hello \{ name: /);
  });
});
