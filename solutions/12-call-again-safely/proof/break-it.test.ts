import { expect, test } from 'vitest';
import { experimentsOf, failedSteps } from '#testkit/experiment.ts';

const { change, check, pair, workbook } = experimentsOf('12-call-again-safely');

test('Send no key', async () => {
  change('client', ['idempotency_key: randomUUID()', "idempotency_key: ''"]);
  const { stdout } = await pair();
  expect(stdout).toContain('without a key: 10 asked for, 13 booked');
  expect(stdout).toContain('with a key:    10 asked for, 13 booked');
});

test('Ask before you book', async () => {
  const lines = workbook.read('lessons/12-call-again-safely/server.ts').split('\n');
  const first = lines.findIndex((line) => line.includes('const booked ='));
  const last = lines.findIndex((line) => line.includes("'KEY_REUSED'"));
  change('server', [
    lines.slice(first, last + 1).join('\n'),
    `const earlier = key ? store.withKey(key) : undefined;
    callback(null, earlier ?? (store.book({ payee, amount, key }) as object));`,
  ]);
  const { stdout } = await pair();
  expect(stdout).toContain('with a key:    10 asked for, 10 booked');
  const grades = await check();
  expect(failedSteps(grades)).toEqual([1]);
  expect(grades).toContain('books one payment when two servers get the same key at the same moment');
  expect(grades).toContain("answered with 'key taken'");
});

test('Write `pay`', async () => {
  change('client', ["method: 'Pay'", "method: 'pay'"]);
  const { stdout, stderr, code } = await pair();
  expect(stderr).toMatch(/^UNAVAILABLE: /);
  expect(stdout.match(/an answer to Pay is lost/g)).toHaveLength(1);
  expect(stdout + stderr).not.toContain("'pay'");
  expect(code).toBe(1);
  const { stdout: config } = await pair(['--show', 'config']);
  expect(config).toMatch(
    /^your own service config:\n {2}found {2}methodConfig\[0\]\.name\[0\] .*did you mean Pay\?$/m,
  );
});

test('Wait half a second', async () => {
  change('client', ["'1.500000000s'", "'0.5s'"]);
  const { stdout, stderr, code } = await pair(['--show', 'reads']);
  expect(stdout).toContain('asked once: 99 of 100 reads');
  expect(stderr).toMatch(/^DEADLINE_EXCEEDED: /);
  expect(code).toBe(1);
});

test('Lose each answer', async () => {
  const { stdout, stderr, code } = await pair(['--show', 'one', '--lose', '1']);
  expect(stdout.match(/an answer to Pay is lost/g)).toHaveLength(4);
  expect(stdout).toContain('payments to Ada that are booked: 1');
  expect(stderr).toMatch(/^UNAVAILABLE: /);
  expect(code).toBe(1);
});
