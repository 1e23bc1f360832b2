import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { timeoutFactor } from '../check/timeout-factor.ts';

const workbook = new WorkbookCopy();
const wire = 'over the wire, as each side saw it:';

beforeEach(() => workbook.restoreLessons());
afterAll(() => workbook.delete());

/** @returns the lines of a grade, by the state they begin with */
const graded = (stdout: string): string[] =>
  stdout
    .split('\n')
    .filter((line) => /^ {2}(passed|failed|to do|not checked) /.test(line))
    .map((line) => line.trim().replace(/ {2,}/, ': '));

describe('grading a lesson', () => {
  it('calls every step of an untouched lesson to do, not failed', async () => {
    const { code, stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(graded(stdout)).toEqual([
      'to do: Step 1 · Answer the call',
      'to do: Step 2 · Open the kitchen',
      'to do: Step 3 · Get a stub',
      'to do: Step 4 · Make the call, with a deadline',
      'to do: Step 5 · Say so when nobody listens',
      'to do: Both halves together',
    ]);
    expect(stdout).toContain('0 of 5 steps passed.');
    expect(stdout).toMatch(/write {2}lessons\/01-unary-hello\/server\.ts:\d+, in place of TODO 1/);
    expect(stdout).not.toContain('usually');
    expect(stdout).not.toContain(wire);
    expect(code).toBe(1);
  });

  it('says what was expected, what came, what was printed and what the compiler says, and grades the other steps all the same', async () => {
    workbook.solve(
      '01-unary-hello/server.ts',
      'callback(null, { message: `${greeting} ${name}` });',
      "console.log('I am here', name.first);\n  callback(null, { message: `${name} ${greeting}` });",
    );
    const { code, stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(stdout).toMatch(/your code printed:\n {2}I am here/);
    expect(stdout).toContain(
      "lessons/01-unary-hello/server.ts:14  Property 'first' does not exist on type 'string'.",
    );
    expect(graded(stdout).slice(0, 3)).toEqual([
      'failed: Step 1 · Answer the call',
      'passed: Step 2 · Open the kitchen',
      'to do: Step 3 · Get a stub',
    ]);
    expect(stdout).toContain("expected  { message: 'Good evening Ken' }");
    expect(stdout).toContain("got       { message: 'Ken Good evening' }");
    expect(stdout).not.toContain('usually');
    expect(stdout).toContain('Next: fix step 1, at lessons/01-unary-hello/server.ts.');
    expect(code).toBe(1);
  });

  it.each([
    ['exits', 'callback(null,', 'process.exit(3);\n  callback(null,', 'process.exit'],
    [
      'fails while it is loaded',
      'import { Server',
      "throw new Error('at the top');\nimport { Server",
      'got       Error: at the top (lessons/01-unary-hello/server.ts:1)',
    ],
  ])('fails step 1 of a server that %s, and says so', async (_what, from, to, expected) => {
    workbook.solve('01-unary-hello/server.ts', from, to);
    const { code, stdout, stderr } = await workbook.run(['lesson', '1', 'check']);
    expect(graded(stdout)[0]).toBe('failed: Step 1 · Answer the call');
    expect(stdout).toContain(expected);
    expect(stdout + stderr).not.toMatch(/node_modules|at file:/);
    expect(code).toBe(1);
  });

  it('fails the step whose server throws when it is stopped, and says so', async () => {
    const from = 'resolve({ server, port })';
    const stop = "stop: () => { throw new Error('still busy'); }";
    workbook.solve('01-unary-hello/server.ts', from, `resolve({ server, port, ${stop} })`);
    const { stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(graded(stdout)[1]).toBe('failed: Step 2 · Open the kitchen');
    expect(stdout).toContain('got       Error: still busy (lessons/01-unary-hello/server.ts:');
  });

  it('shows the call that a server never answers, and says what to do', async () => {
    workbook.solve('01-unary-hello/server.ts', 'callback(null,', 'void (() => callback)(null,');
    const { stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(stdout).toContain('The caller waits until your handler calls callback(null, reply).');
    const [, timeline = ''] = stdout.split(wire);
    const sides = timeline.split('\n').map((line) => line.trim());
    expect(sides.slice(1, 4)).toEqual([
      "client → hello { name: 'Ken', greeting: 'Good evening' }",
      'client · has finished sending',
      "server ← hello { name: 'Ken', greeting: 'Good evening' }",
    ]);
    expect(sides[4]).toMatch(/^client · ended with DEADLINE_EXCEEDED: Deadline exceeded/);
    expect(timeline).not.toMatch(/server → hello/);
  });

  const stub =
    'new Hello(stub.getChannel().getTarget(), credentials.createInsecure()).waitForReady(Infinity, () => {});';
  const openCall = 'got       a call of clientHello that has neither ended nor been cancelled';
  it.each<[string, string, string, string, string, RegExp]>([
    [
      'a timer',
      '01-unary-hello/server',
      'callback(null,',
      'setInterval(() => {}, 60_000);',
      'got       2 of: a timer\n',
      /at {8}lessons\/01-unary-hello\/server\.ts:14/,
    ],
    [
      'a stub',
      '01-unary-hello/client',
      'stub.hello(request',
      stub,
      'a stub of Hello that is not closed\n',
      /at {8}lessons\/01-unary-hello\/client\.ts:\d+/,
    ],
    [
      'a call',
      '03-client-streaming/client',
      'return stub.clientHello(done);',
      'stub.clientHello(done);',
      openCall,
      /at {8}lessons\/03-client-streaming\/client\.ts:\d+[^]*client 1 · calls clientHello/,
    ],
  ])(
    'fails the pair when an answer leaves %s behind, and says so',
    async (_what, half, before, line, expected, at) => {
      const [folder = ''] = half.split('/');
      workbook.solveBoth(folder);
      workbook.solve(`${half}.ts`, before, `${line}\n  ${before}`);
      const { code, stdout } = await workbook.run(['lesson', String(Number(folder.slice(0, 2))), 'check']);
      expect(stdout).toContain('5 of 5 steps passed.');
      expect(graded(stdout)[5]).toBe('failed: Both halves together');
      expect(stdout).toContain('expected  nothing to be left open once ');
      expect(stdout).toContain(expected);
      expect(stdout).toMatch(at);
      expect(code).toBe(1);
    },
  );

  it('blames no step for what only a later step would end', async () => {
    const solution = workbook.read('solutions/02-server-streaming/server.ts');
    const region = (step: number): RegExp => new RegExp(`( *)//#region Step ${step} [^]*?//#endregion`);
    const unwritten = [3, 4].reduce(
      (text, step) => text.replace(region(step), `$1throw new Error('Step ${step} is not written yet');`),
      solution,
    );
    workbook.write('lessons/02-server-streaming/server.ts', unwritten);
    const { stdout } = await workbook.run(['lesson', '2', 'check']);
    expect(graded(stdout).slice(0, 2).join()).toMatch(/^passed: Step 1.*,passed: Step 2/);
  });

  it('passes no step of a file that a run could not load, and says what to write', async () => {
    workbook.solve('01-unary-hello/server.ts');
    workbook.solve('01-unary-hello/client.ts', 'import type { HelloClient }', 'import { HelloClient }');
    const { code, stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(graded(stdout)).toEqual([
      'passed: Step 1 · Answer the call',
      'passed: Step 2 · Open the kitchen',
      'failed: Step 3 · Get a stub',
      'failed: Step 4 · Make the call, with a deadline',
      'failed: Step 5 · Say so when nobody listens',
      'not checked: Both halves together',
    ]);
    expect(stdout).toContain(
      "lessons/01-unary-hello/client.ts:3 could not be loaded: HelloClient is a type, and is gone when the program runs. Write: import type { HelloClient } from '#protos/generated/hello/Hello.ts'",
    );
    expect(code).toBe(1);
  });

  it('comes back within 15 seconds from a handler that loops without end, and names the step', async () => {
    workbook.solve('01-unary-hello/server.ts', 'callback(null,', 'for (;;) {}\n  callback(null,');
    const began = performance.now();
    const { code, stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(performance.now() - began).toBeLessThan(15_000 * timeoutFactor());
    expect(graded(stdout).slice(0, 2)).toEqual([
      'failed: Step 1 · Answer the call',
      'not checked: Step 2 · Open the kitchen',
    ]);
    expect(stdout).toContain('Look for a loop that never ends');
    expect(code).toBe(1);
  });
});

describe('both halves together', () => {
  const checks = 'lessons/01-unary-hello/steps.test.ts';
  const real = workbook.read(checks);
  // Checks of the steps that notice nothing: what is left is for the pair.
  const blind = real.replaceAll(/^describe\('Step[^]*?^\}\);\n/gm, (step) => {
    const title = /^describe\('(.+?)'/.exec(step)![1]!;
    return `describe('${title}', () => { it('sees nothing', () => {}); });\n`;
  });
  afterAll(() => workbook.write(checks, real));

  it.each([
    ['server', 'client', '${greeting} ${name}', '${name}'],
    ['client', 'server', 'resolve(reply)', "resolve({ message: '' })"],
  ])('that fail because of the %s work with the finished %s', async (half, other, from, to) => {
    workbook.write(checks, blind);
    workbook.solveBoth('01-unary-hello');
    workbook.solve(`01-unary-hello/${half}.ts`, from, to);
    const { stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Your ${other} works with the finished ${half}: look into ${half}.ts.`,
    );
  });
});

describe('grading every lesson', () => {
  it('passes the solutions in one run, which are no progress of the learner', async () => {
    const { code, stdout } = await workbook.run(['check', '--solution']);
    expect(stdout).toMatch(/\b(\d+) of \1 steps passed\./);
    expect((await workbook.run(['start'])).stdout).not.toContain(' · done, ');
    expect(code).toBe(0);
  });
});
