import { expect, test } from 'vitest';
import { experimentsOf } from '#testkit/experiment.ts';

const { change, pair } = experimentsOf('14-many-servers-one-name');

/** How many calls each server has got, by the title of its line. */
const countsIn = (printed: string): Record<string, number[]> =>
  Object.fromEntries(
    [...printed.matchAll(/^(.{22}) (server 1 [█░].*)$/gm)].map(([, title, bars]) => [
      title!.trim(),
      [...bars!.matchAll(/[█░] (\d+)/g)].map(([, count]) => Number(count)),
    ]),
  );

test('Write it as elsewhere', async () => {
  change('client', ['[{ round_robin: {} }];\n  return', '[{ roundRobin: {} }];\n  return']);
  const { stdout, stderr } = await pair();
  expect(countsIn(stdout)).toEqual({ pick_first: [60, 0, 0], roundRobin: [60, 0, 0] });
  expect(stderr).toBe('');
});

test('Leave the defaults', async () => {
  change('client', [' minimum_hosts: 2,', '']);
  const { stdout } = await pair(['--show', 'sick']);
  const [, failed] = /^(\d+) calls failed, and server 2 was called all the same$/m.exec(stdout)!;
  const [one = 0, sick = 0, three = 0] = countsIn(stdout)['server 2 is sick']!;
  expect(sick).toBe(Number(failed));
  expect(Math.abs(sick - (one + three) / 2)).toBeLessThanOrEqual(1);
});

test('One endpoint for all', async () => {
  change('client', [
    'const endpoints = addresses.map((address) => ({ addresses: [address] }));',
    'const endpoints = [{ addresses: [...addresses] }];',
  ]);
  const { stdout } = await pair(['--show', 'list']);
  expect(countsIn(stdout)['without the last']).toEqual([30, 0, 0]);
});

test('Hear of it once', async () => {
  const head = 'stop = list.watch((addresses, problem) => {\n';
  change('client', [head, `${head}        stop();\n`]);
  const { stdout } = await pair(['--show', 'list']);
  expect(stdout).toContain('the last got no call within 5.0 seconds');
  let seconds: string | undefined;
  // On a busy machine, five seconds may be too short.
  for (let run = 1; run <= 4 && seconds === undefined; run += 1) {
    const { stdout: aged } = await pair(['--show', 'list', '--age', '1']);
    seconds = /^the last got its first call (\d\.\d) seconds after/m.exec(aged)?.[1];
  }
  // "About one age": a connection lives for 0.9 to 1.1 of it, and was made some calls before.
  expect(Number(seconds)).toBeGreaterThan(0.1);
  expect(Number(seconds)).toBeLessThan(2.5);
});

test('Know the price', async () => {
  const took = async (): Promise<number> => {
    const began = performance.now();
    expect(countsIn((await pair(['--show', 'turns'])).stdout).round_robin).toEqual([20, 20, 20]);
    return performance.now() - began;
  };
  const before = await took();
  change('server', [
    'address, ageOf(age))',
    "address, { ...ageOf(age), 'grpc.server_call_metric_recording': 1 })",
  ]);
  // 183 calls, each with some milliseconds more.
  expect((await took()) - before).toBeGreaterThan(300);
});
