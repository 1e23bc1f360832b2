import { afterEach, describe, expect, it, vi } from 'vitest';
import { ownFlags, readAnswers, refuseKept } from './flags.ts';

afterEach(() => vi.unstubAllEnvs());

describe('answers given ahead', () => {
  const questions = {
    call: { message: '?', initial: 'hello', choices: ['hello', 'biHello'] },
    name: { message: '?', initial: 'World' },
  };

  it.each([
    [['--name', 'Ada', '--name=Grace', '--call', 'biHello'], { name: ['Ada', 'Grace'], call: ['biHello'] }],
    [['--name=', '--name=--solution'], { name: ['', '--solution'] }],
    [[], {}],
  ])('%j are collected by question', (args, answers) => {
    expect(readAnswers(args, questions)).toEqual(answers);
  });

  it.each([
    [['--nmae', 'Ada'], "unknown option '--nmae'\n(Did you mean --name?)"],
    [['--loud'], 'Usage: npm run lesson:2 -- [--call <hello | biHello>] [--name <answer>] [--solution]'],
    [['--solutoin'], '(Did you mean --solution?)'],
    [['--name'], '--name needs a value behind it.'],
    [['--name', '--call'], '--call looks like a flag. If it is the answer, write --name=--call'],
    [['--call', 'hallo'], '"hallo" is no value for --call. It takes one of: hello, biHello.'],
    [['--call', "it's\nme"], '"it\'s\nme" is no value for --call. It takes'],
    [['--call='], '"" is no value for --call.'],
    [['--name', 'Ada', 'Grace'], '"Grace" stands alone'],
  ])('%j are refused', (args, message) => {
    expect(() => readAnswers(args, questions, 'npm run lesson:2', [ownFlags.solution])).toThrow(message);
  });
});

describe('a flag that npm has kept', () => {
  it.each([
    ['lesson:2', { port: '50052' }, undefined, / npm run lesson:2 -- --port …$/],
    ['lesson:2', { json: 'true' }, 'check', / npm run lesson:2 check -- --json$/],
    ['lesson:2', { json: 'true' }, '--loud', / npm run lesson:2 -- --json$/],
    ['lesson:2', { two_words: 'x' }, undefined, /^npm kept --two-words for itself\. .* -- --two-words …$/],
    ['check', { solution: 'true', port: '1' }, undefined, / npm run check -- --solution --port …$/],
  ])('of %s: %j is asked for again', (script, kept, word, expected) => {
    vi.stubEnv('npm_lifecycle_event', script);
    for (const [name, value] of Object.entries(kept)) vi.stubEnv(`npm_config_${name}`, value);
    expect(() => refuseKept(['solution', 'json', 'port', 'two-words'], word, 'linux')).toThrow(expected);
  });

  it('is asked for with quotes on Windows, where PowerShell keeps what npm needs', () => {
    vi.stubEnv('npm_lifecycle_event', 'check');
    vi.stubEnv('npm_config_json', 'true');
    expect(() => refuseKept(['json'], '', 'win32')).toThrow(
      'npm kept --json for itself. Put "--" before the flags, so that they reach the workbook: npm run check "--" --json',
    );
  });

  it.each([['bench'], ['check:all'], ['my-lesson:2'], [undefined]])(
    'is none of the workbook, for the script %s',
    (script) => {
      vi.stubEnv('npm_lifecycle_event', script);
      vi.stubEnv('npm_config_port', '50052');
      expect(() => refuseKept(['port'])).not.toThrow();
    },
  );
});
