import { setImmediate as nextTurn } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { beforeEach, expect, test, vi } from 'vitest';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { answered, Hello } from '#kit/balancing/servers.ts';
import { serving, stubAt } from '#kit/peers.ts';
import { orderOf } from '#shared/balancing/condition.ts';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

// Between two calls, only the clock goes on, ten times as fast: so a server is out for one look, and not for three.
vi.mock('node:timers/promises', async (load) => {
  const timers = await load<typeof import('node:timers/promises')>();
  const { setTimeout: set } = timers;
  const hurried = (time: number, ...rest: []) => {
    if (vi.isFakeTimers()) vi.setSystemTime(Date.now() + 10 * time);
    return time < 100 ? nextTurn() : set(time, ...rest);
  };
  return { ...timers, setTimeout: hurried };
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  return () => vi.useRealTimers();
});

const lesson = mainOf('14-many-servers-one-name', { server, client });

/** What a line says: its title, and how many calls each server has got. */
const countsIn = (line: string): [string, ...number[]] => [
  line.slice(0, 22).trim(),
  ...[...line.matchAll(/[█░] (\d+)/g)].map(([, count]) => Number(count)),
];

test('gives twice as many calls to a server that is half as busy', async () => {
  const { client: lines } = await lesson.pair(['--show', 'load']);
  expect(countsIn(lines[3]!)).toEqual(['round_robin', 20, 20, 20]);
  const [title, ...counts] = countsIn(lines[4]!);
  expect(title).toBe('weighted_round_robin');
  for (const [index, expected] of [40, 20, 10].entries()) {
    expect(Math.abs(counts[index]! - expected)).toBeLessThanOrEqual(6);
  }
});

test('leaves the sick server out, and takes it back', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'sick']);
  const [well, , out, again, back] = lines.map(countsIn);
  expect([well, out, back]).toEqual([
    ['all are well', 10, 10, 10],
    ['it is left out', 10, 0, 10],
    ['it is back', 10, 10, 10],
  ]);
  expect(again![2]).toBe(1);
  expect(lines[5]).toMatch(/^\d+ calls failed in \d\.\d seconds, then server 2 was out for \d\.\d seconds$/);
  expect(log).toEqual([]);
});

test('calls the servers that it is told of, when it runs alone', async () => {
  const [one, other] = [await lesson.server(), await lesson.server()];
  const { client: lines } = await lesson.client(one, ['--show', 'turns', '--also', ` ${other} ,`]);
  expect(lines.map(countsIn)).toEqual([
    ['pick_first', 60, 0],
    ['round_robin', 30, 30],
  ]);
});

test('tells at once when nobody listens, and when the name has become empty', async () => {
  for (const show of client.questions.show.choices) {
    const { client: lines, exitCode } = await lesson.client(await lesson.gone(), ['--show', show]);
    expect(lines[0]).toMatch(/^UNAVAILABLE: /);
    expect(exitCode).toBe(1);
  }
});

test('passes on a call that nobody has answered', async () => {
  let calls = 0;
  const hello: HelloHandlers['hello'] = (_call, callback) => {
    calls += 1;
    // The first one is to know whether somebody is there.
    if (calls === 1) callback(null, {});
    else callback({ code: status.ABORTED, details: 'not today' });
  };
  const { client: lines, exitCode } = await lesson.client(await serving(Hello.service, { hello }));
  expect(lines[0]).toBe('ABORTED: not today');
  expect(exitCode).toBe(1);
});

test.each(['x', '-3', '1.', ''])('does not start when connections may live %j seconds', async (age) => {
  const starting = (async () => server.start('127.0.0.1:0', { age }))();
  await expect(starting).rejects.toThrow('--age should be a number of seconds, such as 2, or 0');
});

test('is as it was told last, and passes over what is no order', async () => {
  const stub = stubAt(Hello, addressOf(await server.start('127.0.0.1:0')));
  const tell = (metadata: ReturnType<typeof orderOf>) =>
    new Promise((resolve) => void stub.hello({}, metadata, resolve));
  await tell(orderOf({ isSick: true }));
  expect((await answered(stub)).how).toBe('UNAVAILABLE');
  for (const text of ['no JSON', 'null']) {
    const order = orderOf({});
    order.set('workbook-be', text);
    await tell(order);
    expect((await answered(stub)).how).toBe('UNAVAILABLE');
  }
  await tell(orderOf({ isSick: false }));
  expect((await answered(stub)).how).toBe('Hello Ada');
});
