import { expect, test } from 'vitest';
import { experimentsOf, linesOf, serverLinesOf } from '#testkit/experiment.ts';

const { change, pair } = experimentsOf('13-calls-that-call');

/** What the servers have said, without ids and times. */
const said = (stdout: string): string[] =>
  serverLinesOf(stdout).map((line) => line.replace(/^\w{8} {2}(\w+) .* left {2}/, '$1: '));

const worksOn = [
  'back: asks the database',
  'database: looks for "grace"',
  'database: has found Grace Hopper',
];

test('Have no parent', async () => {
  change('server', ['parent: call, ', '']);
  const { stdout } = await pair();
  expect(stdout).toContain('CANCELLED');
  expect(said(stdout)).toContain('front: stops: nobody waits any more');
  expect(said(stdout)).toContain('database: has found Grace Hopper');
});

test('Look not who has left', async () => {
  change('server', ['    if (call.cancelled) return;\n    back.GetUser', '    back.GetUser']);
  // On a busy machine, the client may leave only after the front has called.
  for (let run = 1; run <= 4; run += 1) {
    const { stdout } = await pair(['--show', 'early']);
    expect(stdout).toContain('CANCELLED');
    if (run === 4 || said(stdout).includes('database: has found Grace Hopper'))
      return expect(said(stdout)).toEqual(expect.arrayContaining(worksOn));
  }
});

test('Answer first', async () => {
  change('server', ['longest }, done);', 'longest }, done);\n    answer(null, { id: call.request.id });']);
  const { stdout } = await pair();
  expect(linesOf(stdout).find((line) => line.includes('client'))).toContain('OK, ');
  expect(said(stdout)).toContain('front: answers OK');
  expect(said(stdout)).toContain('back: stops: nobody waits any more');
});

test('Pass on all', async () => {
  change('server', [
    'const { code, details, metadata } = error;',
    'return error;\n  const { code, details, metadata } = error;',
  ]);
  const { stdout } = await pair(['--show', 'errors']);
  expect(stdout).toContain('INTERNAL, disk I/O error in /var/lib/users.db, page 4711');
});

test('Ask for no ping', async () => {
  change('server', [
    "return {\n    'grpc.keepalive_time_ms'",
    "return {};\n  return {\n    'grpc.keepalive_time_ms'",
  ]);
  const { stdout } = await pair(['--show', 'silent', '--line', 'forgetful']);
  const ends = linesOf(stdout).filter((line) => line.includes('  client  '));
  expect(ends.map((line) => /: (\w+),/.exec(line)![1])).toEqual([
    'OK',
    'DEADLINE_EXCEEDED',
    'DEADLINE_EXCEEDED',
  ]);
});
