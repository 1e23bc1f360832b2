import { credentials, status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { lineTo } from '#shared/hops/line.ts';
import { UserService } from '#kit/users/service.ts';
import { serving, trackedStub } from '#kit/peers.ts';
import { mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('13-calls-that-call', { server, client });

/** What the servers have said, without ids and times. */
const said = (lines: string[]): string[] =>
  lines.map((line) => line.replace(/^\w{8} {2}(\w+) .* left {2}/, '$1: '));

/** How the client's calls have ended, without ids and times. */
const ends = (lines: string[]): string[] => lines.map((line) => line.replace(/^\w{8} {2}client .* ms: /, ''));

const answered = (id: string, name: string): string[] => [
  'front: looks whether the caller may ask',
  'back: asks the database',
  `database: looks for "${id}"`,
  `database: has found ${name}`,
  'back: answers OK',
  'front: answers OK',
];

test('stops at each hop in turn when the client leaves', async () => {
  const { server: log, exitCode } = await lesson.pair();
  expect(said(log)).toEqual([
    ...answered('ada', 'Ada Lovelace'),
    'front: looks whether the caller may ask',
    'back: asks the database',
    'database: looks for "grace"',
    'front: stops: nobody waits any more',
    'back: stops: nobody waits any more',
    'database: stops, and is free for another query',
  ]);
  // The lines of a call have one id, and less and less time.
  for (const lines of [log.slice(0, 6), log.slice(6)]) {
    expect(new Set(lines.map((line) => line.slice(0, 8))).size).toBe(1);
    const left = lines.map((line) => Number(/(\d+) ms left/.exec(line)![1]));
    expect(left).toEqual(left.toSorted((one, other) => other - one));
  }
  expect(log[0]!.slice(0, 8)).not.toBe(log[6]!.slice(0, 8));
  expect(exitCode).toBe(0);
});

test('does not ask the back for a client that has left before', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'early']);
  expect(ends(lines)).toEqual(['CANCELLED, Cancelled on client']);
  expect(said(log)).toEqual([
    'front: looks whether the caller may ask',
    'front: stops: nobody waits any more',
  ]);
});

test('stops at each hop when the time is up', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'late']);
  expect(ends(lines)[0]).toMatch(/^DEADLINE_EXCEEDED, /);
  expect(said(log).slice(0, 3)).toEqual(answered('ada', '').slice(0, 3));
  expect(said(log)).toContain('database: stops, and is free for another query');
});

test('keeps inside what has failed there', async () => {
  const { server: log } = await lesson.pair(['--show', 'errors']);
  expect(said(log).slice(-3)).toEqual([
    'back: answers INTERNAL',
    'front: the back has ended with INTERNAL: disk I/O error in /var/lib/users.db, page 4711',
    'front: answers INTERNAL',
  ]);
});

test('has another connection after one that was forgotten', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'silent', '--line', 'forgetful']);
  expect(ends(lines)).toEqual([
    'OK, Ada Lovelace',
    'UNAVAILABLE, Nobody can look for users now.',
    'OK, Ada Lovelace',
  ]);
  expect(log).toContain('the line forgets its connection: what comes on it vanishes');
  expect(said(log).slice(-6)).toEqual(answered('ada', 'Ada Lovelace'));
});

test('tells when nobody listens, and passes on what is no status', async () => {
  const { client: lines } = await lesson.client(await lesson.gone(), ['--show', 'early']);
  expect(ends(lines)[0]).toMatch(/^(UNAVAILABLE|CANCELLED), /);
  const address = await serving(UserService.service, {
    GetUser: (_call, callback) => callback({ code: status.ABORTED, details: 'not today' }),
  } satisfies Pick<UserServiceHandlers, 'GetUser'>);
  expect(ends((await lesson.client(address, ['--show', 'late'])).client)).toEqual(['ABORTED, not today']);
});

test('shows how the call of a caller without a deadline or an id goes on', async () => {
  const stub = trackedStub(new UserService(await lesson.server(), credentials.createInsecure()));
  await new Promise((resolve) => void stub.GetUser({ id: 'ada' }, resolve));
  const lines = vi.mocked(console.log).mock.calls.map(([line]) => line as string);
  expect(lines[0]).toMatch(/^[\da-f]{8} {2}front {5}no deadline {2}looks/);
  expect(lines[1]).toMatch(/^[\da-f]{8} {2}back {6}\d{4} ms left {2}asks/);
});

test('ends the back when the front cannot listen', async () => {
  const first = await server.start('127.0.0.1:0');
  await expect(server.start(`127.0.0.1:${first.port}`)).rejects.toThrow('EADDRINUSE');
  await first.stop!();
});

test('has a line that is over when either end is', async () => {
  const line = await lineTo(Number((await lesson.gone()).split(':')[1]));
  const stub = trackedStub(new UserService(`127.0.0.1:${line.port}`, credentials.createInsecure()));
  const error = await new Promise((resolve) => void stub.GetUser({ id: 'ada' }, resolve));
  expect(error).toMatchObject({ code: status.UNAVAILABLE });
  line.close();
});
