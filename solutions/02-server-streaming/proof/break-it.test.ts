import { expect, test } from 'vitest';
import { experimentsOf, linesOf, serverLinesOf } from '#testkit/experiment.ts';

const { change, client, pair, server, startPair } = experimentsOf('02-server-streaming');

const gone = 'parrotHello · cancelled: the client has gone';
const ended = 'parrotHello · ended with OK';
const written = (count: number): string => `parrotHello → { message: 'Hello World ${count}' }`;

/** What the client of a pair has printed. */
const heardIn = (stdout: string): string[] => linesOf(stdout).filter((line) => line.startsWith('Hello'));
const allThree = ['Hello World 1', 'Hello World 2', 'Hello World 3'];

test('Never end', async () => {
  change('server', ['call.end();', '']);
  const content = await pair(['--enough', '3']);
  expect(heardIn(content.stdout)).toEqual(allThree);
  expect(serverLinesOf(content.stdout).at(-1)).toBe(gone);
  expect(content.code).toBe(0);

  change('client', ['if (heard === enough) break;', '']);
  const { code, stdout, stderr } = await pair(['--enough', '3']);
  expect(heardIn(stdout)).toEqual(allThree);
  expect(stdout).not.toContain('ended with OK');
  expect(stderr).toMatch(/^DEADLINE_EXCEEDED: /);
  expect(code).toBe(1);
});

test('Leave without a word', async () => {
  change('client', ['call.cancel();', '']);
  const same = await pair(['--enough', '1']);
  expect(heardIn(same.stdout)).toEqual(['Hello World 1']);
  expect(serverLinesOf(same.stdout).slice(1)).toEqual([written(1), gone]);
  expect(same.code).toBe(0);

  const listening = 'await listen(stub, request, enough, console.log);';
  change('client', [
    listening,
    `${listening}\n    await new Promise((resolve) => setTimeout(resolve, 10_000));`,
  ]);
  const staying = startPair(['--enough', '1']);
  await staying.printed(ended);
  // The client goes on waiting in main. Nobody has to wait with it.
  staying.child.kill('SIGINT');
  const { stdout } = await staying.ended;
  expect(heardIn(stdout)).toEqual(['Hello World 1']);
  expect(serverLinesOf(stdout).slice(1)).toEqual([written(1), written(2), written(3), ended]);
});

test('Talk to nobody', async () => {
  change('server', ['clearTimeout(timer);', '']);
  const { there, printed, stop } = await server();
  expect(await client(there, ['--enough', '1']).ended).toEqual({
    code: 0,
    stdout: 'Hello World 1\n',
    stderr: '',
  });
  await printed('Hello World 3');
  const { stdout } = await stop();
  expect(linesOf(stdout).slice(2, 6)).toEqual([written(1), gone, written(2), written(3)]);
});

test('Do not pause', async () => {
  change('server', ['timer = setTimeout(reply, pause, count + 1);', 'reply(count + 1);']);
  const { code, stdout } = await pair(['--enough', '1']);
  expect(heardIn(stdout)).toEqual(['Hello World 1']);
  expect(serverLinesOf(stdout).slice(1)).toEqual([written(1), written(2), written(3), ended]);
  expect(code).toBe(0);
});
