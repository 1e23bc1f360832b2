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
      port: 50_052,
      host: '[::1]',
      rest: ['--name', 'Ada'],
    });
  });

  it("do not take a lesson flag's value for a verb", () => {
    const { verb, rest } = readLessonCommand(['--call', 'biHello', '--name=Ada']);
    expect(verb).toBeUndefined();
    expect(rest).toEqual(['--call', 'biHello', '--name=Ada']);
  });

  it.each([
    [['--port'], '--port needs a value behind it.'],
    [['--port', '-1'], '--port needs a value behind it, and -1 looks like a flag.'],
    [['--solution=false'], '--solution takes no value'],
    [['--host', '127.0.0.1:50052'], '"127.0.0.1:50052" is no host.'],
    [['--port', '65536'], '"65536" is no port.'],
    [['--port', '1e3'], '"1e3" is no port.'],
    [['--host', '--solution'], '--host needs a value behind it, and --solution looks like a flag.'],
  ])('%j is refused', (args, message) => {
    expect(() => readLessonCommand(args)).toThrow(message);
  });

  it('are asked for again when npm has kept them', () => {
    vi.stubEnv('npm_lifecycle_event', 'lesson:2');
    vi.stubEnv('npm_config_port', '50052');
    expect(() => readLessonCommand([])).toThrow('npm run lesson:2 -- --port');
  });

  it('are asked for again when npm has taken --json for its own flag of that name', () => {
    vi.stubEnv('npm_lifecycle_event', 'lesson:2');
    vi.stubEnv('npm_config_json', 'true');
    expect(() => readLessonCommand(['check'])).toThrow(/npm run lesson:2 check -- --json$/);
  });
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

  it.each([
    [['--nmae', 'Ada'], 'There is no flag --nmae. Did you mean "--name"?'],
    [['--call', 'hallo'], '"hallo" is no answer to --call. Did you mean "hello"?'],
    [['--name'], '--name needs a value behind it.'],
    [['--name', 'Ada', 'Grace'], '"Grace" stands alone. Put it behind a flag: --call, --name.'],
  ])('%j is refused', (args, message) => {
    expect(() => readAnswers(args, questions)).toThrow(message);
  });
});
