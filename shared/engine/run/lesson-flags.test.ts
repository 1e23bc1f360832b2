import { afterEach, describe, expect, it, vi } from 'vitest';
import { readAnswers, readLessonCommand } from './lesson-flags.ts';

const questions = {
  call: { message: '?', initial: 'hello', choices: ['hello', 'biHello'] },
  name: { message: '?', initial: 'World' },
};

afterEach(() => vi.unstubAllEnvs());

describe("the workbook's own flags", () => {
  it('are told apart from those of the lesson, in any order', () => {
    expect(
      readLessonCommand(['--solution', 'server', '--port', '50052', '--name', 'Ada', '--host=::1']),
    ).toEqual({
      verb: 'server',
      answers: 'solutions',
      yes: false,
      json: false,
      own: false,
      port: 50_052,
      host: '[::1]',
      rest: ['--name', 'Ada'],
    });
  });

  it.each([
    [['check', '--own'], { verb: 'check', own: true }],
    [['--yes', '--json', 'check'], { verb: 'check', yes: true, json: true, answers: 'lessons', rest: [] }],
    [['--no-color', '--help'], { verb: undefined, yes: false, json: false, rest: [] }],
    [['hint', '2'], { verb: 'hint', rest: ['2'] }],
    [['--loud', '--port', '0', 'high'], { verb: undefined, port: 0, rest: ['--loud', 'high'] }],
    [['--call', 'biHello', '--name=Ada'], { verb: undefined, rest: ['--call', 'biHello', '--name=Ada'] }],
    [['--name=Ada', 'server'], { verb: undefined, rest: ['--name=Ada', 'server'] }],
    [['--port=65535', '--host=example.org'], { port: 65_535, host: 'example.org' }],
    [
      ['--call', 'biHello', 'server', '--loud', '--port', '1', 'x'],
      { verb: undefined, rest: ['--call', 'biHello', 'server', '--loud', 'x'] },
    ],
    [['--host', '[::1]'], { host: '[::1]' }],
    [['--host', '[fe80::1:50]'], { host: '[fe80::1:50]' }],
    [['--host=-x'], { host: '-x' }],
    [[], { verb: undefined, host: undefined, port: undefined, rest: [] }],
  ])('%j is understood', (args, command) => {
    expect(readLessonCommand(args)).toMatchObject(command);
  });

  it.each([
    [['--host', 'a b'], '"a b" is no host.'],
    [['--host', 'http://example.org'], 'is no host.'],
    [['--host', '[::1]:50'], '"[::1]:50" is no host.'],
    [['--port', 'x1'], '"x1" is no port.'],
    [['--port', '1x'], '"1x" is no port.'],
    [['--port='], '"" is no port.'],
    [['--json=yes'], '--json takes no value'],
    [['--host'], '--host needs a value behind it.'],
    [
      ['--port', '-1'],
      '--port needs a value behind it, and -1 looks like a flag. If it is the value, write --port=-1.',
    ],
    [['--solution=false'], '--solution takes no value'],
    [['--host', '127.0.0.1:50052'], '"127.0.0.1:50052" is no host.'],
    [['--port', '65536'], '"65536" is no port.'],
    [['--port', '1e3'], '"1e3" is no port.'],
    [['--host', '--solution'], '--host needs a value behind it, and --solution looks like a flag.'],
  ])('%j is refused', (args, message) => {
    expect(() => readLessonCommand(args)).toThrow(message);
  });

  it.each([
    ['--port', 'lesson:2', { port: '50052' }, [], /npm run lesson:2 -- --port …$/],
    [
      '--json, a flag of its own',
      'lesson:2',
      { json: 'true' },
      ['check'],
      /npm run lesson:2 check -- --json$/,
    ],
    ['--json before a flag', 'lesson:2', { json: 'true' }, ['--loud'], /npm run lesson:2 -- --json$/],
    [
      'several',
      'check',
      { solution: 'true', host: 'example.org' },
      [],
      /^npm kept --solution --host for itself\. .*: npm run check -- --solution --host …$/,
    ],
  ])('are asked for again when npm has kept %s', (_what, script, kept, args, expected) => {
    vi.stubEnv('npm_lifecycle_event', script);
    for (const [name, value] of Object.entries(kept)) vi.stubEnv(`npm_config_${name}`, value);
    expect(() => readLessonCommand(args)).toThrow(expected);
  });

  it('are not asked for when npm has kept none', () => {
    vi.stubEnv('npm_lifecycle_event', 'lesson:2');
    expect(readLessonCommand(['--port', '1']).port).toBe(1);
  });

  it.each([['bench'], ['check:all'], ['my-lesson:2'], [undefined]])(
    'are none of npm for a script that does not take them: %s',
    (script) => {
      vi.stubEnv('npm_lifecycle_event', script);
      vi.stubEnv('npm_config_port', '50052');
      expect(readLessonCommand([]).port).toBeUndefined();
    },
  );
});

describe('answers given ahead', () => {
  it('are collected by question, as often as they are given', () => {
    expect(readAnswers(['--name', 'Ada', '--name=Grace', '--call', 'biHello'], questions)).toEqual({
      name: ['Ada', 'Grace'],
      call: ['biHello'],
    });
  });

  it('may be empty, or look like a flag behind an equals sign', () => {
    expect(readAnswers(['--name=', '--name=--solution'], questions)).toEqual({ name: ['', '--solution'] });
  });

  it('are asked for again when npm has kept them', () => {
    vi.stubEnv('npm_lifecycle_event', 'lesson:2');
    vi.stubEnv('npm_config_two_words', 'x');
    expect(() => readAnswers([], { 'two-words': { message: '?', initial: '' } })).toThrow(
      /npm run lesson:2 -- --two-words …$/,
    );
  });

  it.each([
    [['Ada'], {}, '"Ada" is not understood here.'],
    [['--loud'], questions, 'There is no flag --loud. This lesson takes --call, --name, --solution, --json'],
    [
      ['--call', 'hallo'],
      questions,
      '"hallo" is no answer to --call. Did you mean "hello"? It takes one of: hello, biHello.',
    ],
    [['--name', '--call'], questions, '--name needs a value behind it, and --call looks like a flag.'],
    [['--call='], questions, '"" is no answer to --call.'],
    [['--nmae', 'Ada'], questions, 'There is no flag --nmae. Did you mean "--name"?'],
    [['--name'], questions, '--name needs a value behind it.'],
    [['--name', 'Ada', 'Grace'], questions, '"Grace" stands alone. Put it behind a flag: --call, --name.'],
  ])('%j is refused among %j', (args, asked, message) => {
    expect(() => readAnswers(args, asked)).toThrow(message);
  });
});
