import { expect, test } from 'vitest';
import { experimentsOf } from '#testkit/experiment.ts';

const { change, client, pair, server } = experimentsOf('11-stop-without-losing-a-call');

/** What the client says in the end. */
const countsIn = (printed: string): { made: number; lost: number } => {
  const [, made, lost] = /^(\d+) calls made, \d+ answered, (\d+) lost$/m.exec(printed)!;
  return { made: Number(made), lost: Number(lost) };
};

const begin = '  const leave = async (): Promise<void> => {\n';

/** Puts a line first in `leave`, and lets both servers be restarted. */
const leavingWith = async (line: string): Promise<string> => {
  change('server', [begin, `${begin}    ${line}\n`]);
  return (await pair()).stdout;
};

/** The same, until some calls are lost: on a busy machine, no call may be on its way when a server goes. */
const losingWith = async (line: string): Promise<string> => {
  let stdout = await leavingWith(line);
  for (let run = 1; run < 4 && countsIn(stdout).lost === 0; run += 1) stdout = (await pair()).stdout;
  const { made, lost } = countsIn(stdout);
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(made / 10);
  return stdout;
};

test('Just end', async () => {
  const stdout = await losingWith('process.exit(0);');
  expect(stdout).toMatch(/^the first that was lost: UNAVAILABLE: /m);
});

test('Cut everything', async () => {
  await losingWith('return server.forceShutdown();');
});

test('Close the door, and say nothing', async () => {
  const stdout = await leavingWith('return new Promise((resolve) => server.tryShutdown(() => resolve()));');
  const { made, lost } = countsIn(stdout);
  // "Often more than one in ten": 15 to 24 of 100 were measured.
  expect(lost).toBeGreaterThan(made / 20);
  expect(stdout).not.toContain('NOT_SERVING');
});

test('Do not wait', async () => {
  change('server', ['    await steps.stepBack(health, () => delay(times.heard));\n', '']);
  const { stdout } = await pair();
  expect(stdout).not.toContain('NOT_SERVING');
  const { made, lost } = countsIn(stdout);
  // "Some are lost, or by luck none": 0 to 4 were measured.
  expect(lost).toBeLessThan(made / 10);
});

test('Forget the streams', async () => {
  change('server', ['    steps.endStreams(health.watches);\n', '']);
  const { stdout } = await pair();
  expect(countsIn(stdout).lost).toBe(0);
  expect(stdout).not.toContain('Watch · ended with UNAVAILABLE');
  expect(stdout.match(/^\[server \d\] closed in time$/gm)).toHaveLength(2);
});

test('Swap the two', async () => {
  const right = await pair(['--show', 'stuck']);
  expect(right.stdout.match(/^\[server \d\] closed in time$/gm)).toHaveLength(2);
  change(
    'server',
    ['    server.drain(address, drain);\n', ''],
    [
      "      resolve('in time');\n    });\n",
      "      resolve('in time');\n    });\n    server.drain(address, drain);\n",
    ],
  );
  const { stdout } = await pair(['--show', 'stuck']);
  expect(stdout.match(/^\[server \d\] closed by force$/gm)).toHaveLength(2);
  expect(countsIn(stdout).lost).toBe(0);
});

test('Be the platform', async () => {
  const [one, other] = await Promise.all([server(), server()]);
  const also = `127.0.0.1:${other.there[1]}`;
  const calling = client(one.there, ['--show', 'rolling', '--also', also]);
  await Promise.all([one, other].map(({ printed }) => printed('Check · ended with OK')));
  const { code, stdout } = await one.stop();
  expect(stdout).toContain('closed in time');
  expect(code).toBe(130);
  expect(countsIn((await calling.ended).stdout).lost).toBe(0);
});
