import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hasTerminals, keys, WorkbookCopy } from '#testkit/workbook-copy.ts';

const workbook = new WorkbookCopy();
const server = 'lessons/01-unary-hello/server.ts';
const client = 'lessons/01-unary-hello/client.ts';
const given = workbook.read(server);
const givenClient = workbook.read(client);
const progress = '.workbook/progress.json';

beforeEach(() => {
  workbook.restoreLessons();
  if (existsSync(path.join(workbook.folder, '.workbook'))) workbook.remove('.workbook');
});
afterAll(() => workbook.delete());

const solved = (): void => workbook.solveBoth('01-unary-hello');

describe('hint', () => {
  it('gives the weaker hint of the first step that is not done, and the stronger when asked again', async () => {
    const first = await workbook.run(['lesson', '1', 'hint']);
    expect(first.stdout).toContain('Lesson 1, step 1 · Answer the call');
    expect(first.stdout).toContain('Hint 1 of 2');
    expect(first.stdout).not.toContain('Hint 2 of 2');
    expect(first.stdout).toContain('Ask again for a stronger one: npm run lesson:1 hint');
    const second = await workbook.run(['lesson', '1', 'hint']);
    expect(second.stdout).toContain('Hint 1 of 2');
    expect(second.stdout).toContain('Hint 2 of 2');
    expect(second.stdout).toContain('npm run lesson:1 reveal');
    expect(second.code).toBe(0);
  });

  it('finds out by the checks which step that is, when a step is written', async () => {
    workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}');
    const wrong = await workbook.run(['lesson', '1', 'hint']);
    expect(wrong.stdout).toContain('step 1 · Answer the call');
    solved();
    const all = await workbook.run(['lesson', '1', 'hint']);
    expect(all.stdout).toContain('Every step of lesson 1 passes');
  });
});

describe('reveal', () => {
  it('shows the solution of one step beside what is there, and of no other, and changes nothing', async () => {
    workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}');
    const before = workbook.read(server);
    const { stdout, code } = await workbook.run(['lesson', '1', 'reveal', '--yes']);
    expect(stdout).toContain('-  callback(null, { message: `${name}` });');
    expect(stdout).toContain('+  callback(null, { message: `${greeting} ${name}` });');
    expect(stdout).not.toContain('serve(');
    expect(workbook.read(server)).toBe(before);
    expect(code).toBe(0);
  });

  it('shows the solution alone when the file has become another one', async () => {
    workbook.write(server, 'export const mine = 1;\n');
    const { stdout } = await workbook.run(['lesson', '1', 'reveal', '1', '--yes']);
    expect(stdout).toContain('is no longer like the starter around this step');
    expect(stdout).toContain('+  callback(null,');
  });
});

describe('diff', () => {
  it('sets the files beside the solution', async () => {
    workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}');
    const { stdout, code } = await workbook.run(['lesson', '1', 'diff']);
    expect(stdout).toContain('+  callback(null, { message: `${greeting} ${name}` });');
    expect(stdout).not.toContain('#region');
    expect(code).toBe(0);
  });
});

describe('reset', () => {
  const keptFile = (stdout: string, file: string): string =>
    workbook.read(`${/kept in (\S+)/.exec(stdout)![1]!}/${file}`);

  it('puts the whole lesson back, and keeps what was there', async () => {
    workbook.write(server, '// my own work');
    const { stdout, code } = await workbook.run(['lesson', '1', 'reset', '--yes']);
    expect(workbook.read(server)).toBe(given);
    expect(keptFile(stdout, server)).toBe('// my own work');
    expect(stdout).not.toContain('client.ts');
    expect(code).toBe(0);
  });

  it('puts one step back, and leaves the others', async () => {
    solved();
    const { stdout } = await workbook.run(['lesson', '1', 'reset', '1', '--yes']);
    expect(workbook.read(server)).toContain('// TODO 1 · Answer the call');
    expect(workbook.read(server)).not.toContain('// TODO 2');
    expect(keptFile(stdout, server)).toContain('callback(null,');
  });

  it('can be undone, and that too', async () => {
    workbook.write(server, '// my own work');
    await workbook.run(['lesson', '1', 'reset', 'server', '--yes']);
    const undo = () => workbook.run(['lesson', '1', 'reset', 'undo', '--yes']);
    await undo();
    expect(workbook.read(server)).toBe('// my own work');
    const { stdout } = await undo();
    expect(workbook.read(server)).toBe(given);
    expect(stdout).toContain('npm run lesson:1 reset undo');
  });
});

describe('progress', () => {
  it('is what the checks said last, as long as the files are the same', async () => {
    workbook.solve('01-unary-hello/server.ts');
    await workbook.run(['lesson', '1', 'check']);
    const map = async (): Promise<string> => (await workbook.run(['start'])).stdout;
    expect(await map()).toContain('1  Unary hello · 2 of 5 steps passed');
    workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}');
    expect(await map()).toContain('1  Unary hello · was 2 of 5, and has changed since: not checked');
    solved();
    await workbook.run(['lesson', '1', 'check']);
    expect(await map()).toContain('1  Unary hello · done, 5 steps');
    expect(await map()).toContain('>  2  Server streaming');
  });

  it.each([
    ['damaged', '{"version": 1, "lessons": {'],
    ['of the right version and the wrong shape', '{"version": 1, "lessons": {"01-unary-hello": 5}}'],
  ])('is set aside and said when the file is %s; the lessons are not touched', async (_what, text) => {
    mkdirSync(path.join(workbook.folder, '.workbook'), { recursive: true });
    workbook.write(progress, text);
    workbook.write(server, '// my own work');
    const { stdout, stderr, code } = await workbook.run(['start']);
    expect(stderr).toContain('.workbook/progress.json is damaged, or of another version. It is set aside');
    expect(stdout).toContain('gRPC Workbook');
    expect(code).toBe(0);
    const aside = readdirSync(path.join(workbook.folder, '.workbook')).find((name) =>
      name.includes('damaged'),
    )!;
    expect(workbook.read(`.workbook/${aside}`)).toBe(text);
    expect(workbook.read(server)).toBe('// my own work');
  });
});

describe('what can go wrong around a check', () => {
  it('nothing needs git', async () => {
    solved();
    expect((await workbook.run(['lesson', '1', 'check'], { env: { PATH: '', Path: '' } })).code).toBe(0);
  });

  it('a lesson that is half written keeps what there is when a new version changes its steps', async () => {
    const solution = 'solutions/01-unary-hello/server.ts';
    const before = workbook.read(solution);
    workbook.solve('01-unary-hello/server.ts');
    await workbook.run(['lesson', '1', 'check']);
    // The new version has another text in a step, and a line more beside it.
    workbook.write(
      solution,
      before
        .replace('const { greeting, name }', 'const { name, greeting }')
        .replace('new Promise(', '// New.\n    new Promise('),
    );
    try {
      const check = await workbook.run(['lesson', '1', 'check']);
      expect(check.stdout).toContain('2 of 5 steps passed.');
      const { stdout } = await workbook.run(['lesson', '1', 'reveal', '1', '--yes']);
      expect(stdout).toContain('-  const { greeting, name }');
      expect(stdout).toContain('+  const { name, greeting }');
      expect((await workbook.run(['start'])).stdout).toContain('2 of 5 steps passed');
    } finally {
      workbook.write(solution, before);
    }
  });

  // No file may grow on this shell: for whoever writes, that is what a full disk is.
  it.skipIf(process.platform === 'win32')('a full disk is said, and changes nothing', async () => {
    workbook.write(server, '// my own work');
    const { stderr, code } = await workbook.withoutRoom(['lesson', '1', 'reset', '--yes']);
    expect(stderr).toContain('could not be written');
    expect(workbook.read(server)).toBe('// my own work');
    expect(code).toBe(1);
    const check = await workbook.withoutRoom(['lesson', '1', 'check']);
    expect(check.stderr).toContain('Your progress is not kept.');
    expect(check.stdout).toContain('0 of 5 steps passed.');
  });
});

describe.skipIf(!hasTerminals)('in a terminal', () => {
  const untouched = /to do +Step 1 · Answer the call[^]*q quit/;
  /** Watches lesson 1, until its untouched first step is shown. */
  const watching = async (...size: [number, number] | []) => {
    const terminal = workbook.atTerminal(['lesson', '1', 'watch'], ...size);
    await terminal.printed(untouched);
    return terminal;
  };

  it.each<[string, string[], number, string]>([
    ['Enter', [keys.enter], 0, 'no'],
    ['Ctrl-C', [keys.ctrlC], 130, 'no'],
    ['the other choice', [keys.up, keys.enter], 0, 'yes'],
  ])(
    'asks before it puts anything back, and takes what is typed for an answer: %s',
    async (_key, typed, code, answer) => {
      workbook.write(server, '// my own work');
      const terminal = workbook.atTerminal(['lesson', '1', 'reset']);
      await terminal.printed(/Put lesson 1 back to its beginning\?[^]*▸ no/);
      for (const [index, key] of typed.entries()) {
        if (index > 0) await terminal.printed('▸ yes');
        terminal.type(key);
      }
      expect((await terminal.ended).code).toBe(code);
      expect(workbook.read(server)).toBe(answer === 'yes' ? given : '// my own work');
    },
  );

  describe('watch', () => {
    it('grades at each save, shows the first step that is not done, and recovers from a broken file', async () => {
      const terminal = await watching();
      const step = async (save: () => void, expected: RegExp): Promise<string> => {
        terminal.forget();
        save();
        return terminal.printed(expected);
      };
      const screen = await step(
        () => workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}'),
        /failed +Step 1 · Answer the call[^]*q quit/,
      );
      expect(screen).toContain("expected  { message: 'Good evening Ken' }");
      expect(screen).not.toContain('Step 3');
      await step(
        () => workbook.solve('01-unary-hello/server.ts', 'callback(null,', 'callback(null'),
        /server\.ts:14 is not valid\s+TypeScript/,
      );
      await step(() => workbook.solve('01-unary-hello/server.ts'), /to do +Step 3[^]*q quit/);
      // As an editor saves that writes a new file, and renames it.
      workbook.write(
        'lessons/01-unary-hello/.client.ts.swp',
        workbook.read('solutions/01-unary-hello/client.ts'),
      );
      const renamed = path.join(workbook.folder, client);
      await step(
        () => renameSync(path.join(workbook.folder, 'lessons/01-unary-hello/.client.ts.swp'), renamed),
        /5 of 5 steps passed[^]*Lesson 1 is done[^]*q quit/,
      );
      await step(() => workbook.remove(client), /client\.ts is missing[^]*reset client/);
      await step(() => workbook.write(client, givenClient), /to do +Step 3[^]*q quit/);
      const proto = 'protos/hello.proto';
      const contract = workbook.read(proto);
      await step(
        () => workbook.write(proto, contract.replace(';', '')),
        /hello\.proto:3 is no valid\s+contract/,
      );
      await step(() => workbook.write(proto, contract), /to do +Step 3[^]*q quit/);
      terminal.type('q');
      expect((await terminal.ended).code).toBe(0);
    });

    it('comes back from an answer that loops without end', async () => {
      const terminal = await watching();
      workbook.solve('01-unary-hello/server.ts', 'callback(null,', 'for (;;) {}\n  callback(null,');
      await terminal.printed(/your code did not come back[^]*q quit/);
      workbook.solve('01-unary-hello/server.ts');
      await terminal.printed(/to do +Step 3[^]*q quit/);
      terminal.type(keys.ctrlC);
      expect((await terminal.ended).code).toBe(130);
    });

    it('grades what was saved while the checks ran', async () => {
      const terminal = workbook.atTerminal(['lesson', '1', 'watch']);
      await terminal.printed('Checking …');
      workbook.solve('01-unary-hello/server.ts');
      await terminal.printed(/2 of 5 steps passed/);
      workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name}');
      await terminal.printed(/Checking again/);
      solved();
      await terminal.printed(/Lesson 1 is done/);
      terminal.type('q');
      await terminal.ended;
    });

    it('has keys for a hint, for running the pair, and for the next lesson', async () => {
      const terminal = await watching(40, 20);
      terminal.type('h');
      await terminal.printed(/Hint 1 of 2[^]*stronger one: press h[^]*other key goes back/);
      terminal.forget();
      terminal.type('h');
      await terminal.printed(/Hint 2 of 2[^]*alone: press v[^]*other key goes back/);
      terminal.type('r');
      await terminal.printed('Which greeting?');
      terminal.type(keys.enter);
      await terminal.printed(/Whom do you greet\?|Which name/);
      terminal.forget();
      terminal.type(keys.enter);
      await terminal.printed(/other key goes back/);
      terminal.forget();
      terminal.type(' ');
      await terminal.printed('q quit');
      terminal.type('n');
      await terminal.printed(/Lesson 1 is not done\. Go on[^]*▸ no/);
      terminal.type(keys.up);
      await terminal.printed('▸ yes');
      terminal.type(keys.enter);
      await terminal.printed(/Lesson 2 · Server streaming[^]*q quit/);
      terminal.forget();
      terminal.resize(60, 20);
      await terminal.printed('Lesson 2 · Server streaming');
      terminal.type('q');
      expect((await terminal.ended).code).toBe(0);
    });

    it('leaves no process behind when the terminal is closed', async () => {
      const terminal = await watching();
      terminal.child.kill('SIGKILL');
      // Its output ends when the last process that could write to it has gone.
      await terminal.ended;
    });
  });

  describe('npm start', () => {
    it('leads from the map to the lesson, and back with Esc', async () => {
      const terminal = workbook.atTerminal(['start']);
      await terminal.printed(/Unary hello · 5 steps to write[^]*What would you like to do[^]*▸ read/);
      terminal.type(keys.down);
      await terminal.printed('▸ watch');
      terminal.forget();
      terminal.type(keys.enter);
      await terminal.printed(/to do +Step 1[^]*q quit/);
      solved();
      await terminal.printed('Lesson 1 is done');
      terminal.forget();
      terminal.type('q');
      await terminal.printed(/Unary hello · done, 5 steps[^]*▸ next +lesson 2/);
      terminal.forget();
      terminal.type(keys.enter);
      await terminal.printed(/Lesson 2 · Server streaming[^]*▸ read/);
      terminal.type(keys.escape);
      expect((await terminal.ended).code).toBe(0);
    });
  });
});
