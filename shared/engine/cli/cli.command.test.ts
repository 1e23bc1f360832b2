import { afterAll, describe, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

describe('a command that is typed wrongly', () => {
  it.each([
    [['lesson', '99'], 'There is no lesson 99. These are there: lesson:1, lesson:2'],
    [['lesson', '1', 'chekc'], 'Lesson 1 cannot "chekc". Did you mean "check"?'],
    [['lesson', '1', '--port', '50052'], '--host and --port are for one half'],
    [['check', 'three'], 'There is no lesson three.'],
    [['lesson', '1', 'check', 'now'], '"now" is not understood here'],
    [['lesson', '1', 'certs'], 'Lesson 1 cannot "certs".'],
    [
      ['lesson', '10', 'cert'],
      'Lesson 10 cannot "cert". Did you mean "certs"? It can: server, client, check, watch,',
    ],
    [['lesson', '10', 'certs', '--port', '1'], 'Leave out --host and --port'],
    [
      ['lesson', '10', 'certs', '--user', 'ada'],
      '"--user ada" is not understood here: certs takes nothing more.',
    ],
    [['lesson', '1', 'watch', '--solution'], 'Leave out --solution: watch is about your own files.'],
    [['lesson', '1', 'check', '--yes'], 'Leave out --yes: check asks nothing.'],
    [['lesson', '1', 'hint', '9'], 'Lesson 1 has no step "9". Its steps are 1, 2, 3, 4, 5.'],
    [['lesson', '1', 'reveal', '2', '3'], '"3" is not understood here: reveal takes one word at most.'],
    [
      ['lesson', '1', 'reveal', '2'],
      'Nobody can be asked without a terminal: to say yes ahead, add -- --yes.',
    ],
    [['lesson', '1', 'reset', 'servre', '--yes'], '"servre" is nothing that can be put back. Lesson 1 has'],
    [['author', 'interop', '--watch'], '"--watch" is not understood here: interop takes parts of the names'],
    [['strat'], 'There is no command "strat". Did you mean "start"?'],
  ])('%j is refused with a way on', async (args, expected) => {
    const { code, stderr } = await workbook.run(args);
    expect(stderr).toContain(expected);
    expect(code).toBe(2);
  });

  it('notices a flag that npm has kept for itself', async () => {
    const env = { npm_config_solution: 'true', npm_lifecycle_event: 'lesson:1' };
    const { code, stderr } = await workbook.run(['lesson', '1'], { env });
    expect(stderr).toContain('npm run lesson:1 -- --solution');
    expect(code).toBe(2);
    const kept = await workbook.run(['lesson', '1', 'Bye'], {
      env: { npm_config_greeting: 'true', npm_lifecycle_event: 'lesson:1' },
    });
    expect(kept.stderr).toContain('npm kept --greeting for itself.');
    expect(kept.code).toBe(2);
  });

  it.each([[['lesson', '2', '--help']], [['check', '-h']], [['start', 'help']]])('%j helps', async (args) => {
    const { code, stdout } = await workbook.run(args);
    expect(stdout).toContain('--solution     the finished pair');
    expect(code).toBe(0);
  });
});

describe('a word that one lesson alone understands', () => {
  it('is in the help of that lesson, and of no other', async () => {
    const [ten, one] = await Promise.all([
      workbook.run(['lesson', '10', '--help']),
      workbook.run(['lesson', '1', '--help']),
    ]);
    expect(ten.stdout).toMatch(/npm run lesson:10 certs +make or renew the certificates/);
    expect(one.stdout).not.toContain('certs');
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
