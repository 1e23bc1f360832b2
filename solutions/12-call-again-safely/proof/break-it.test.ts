import { expect, test } from 'vitest';
import { experimentsOf, failedSteps } from '#testkit/experiment.ts';

const { change, check, pair } = experimentsOf('12-call-again-safely');

test('Send no key', async () => {
  change('client', ['idempotency_key: randomUUID()', "idempotency_key: ''"]);
  const { stdout } = await pair();
  expect(stdout).toContain('without a key: 10 asked for, 13 booked');
  expect(stdout).toContain('with a key:    10 asked for, 13 booked');
});

test('Ask before you book', async () => {
  const first = 'const booked = store.book({ payee, amount, key });';
  change('server', [
    first,
    `if (key && store.withKey(key)) return callback(null, store.withKey(key));\n    ${first}`,
  ]);
  const { stdout } = await pair();
  expect(stdout).toContain('with a key:    10 asked for, 10 booked');
  expect(failedSteps(await check())).toEqual([1]);
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
  expect(stderr).toMatch(/^UNAVAILABLE: /);
  expect(code).toBe(1);
});

test('Call again after everything', async () => {
  change(
    'client',
    ["retryableStatusCodes: ['UNAVAILABLE']", "retryableStatusCodes: ['UNAVAILABLE', 'INVALID_ARGUMENT']"],
    ['idempotency_key: randomUUID() }', 'idempotency_key: randomUUID(), amount: 0 }'],
  );
  const { stdout, stderr } = await pair(['--show', 'one']);
  expect(stdout.match(/Pay · ended with INVALID_ARGUMENT/g)).toHaveLength(4);
  expect(stderr).toMatch(/^INVALID_ARGUMENT: amount must be at least 1 cent/);
});
