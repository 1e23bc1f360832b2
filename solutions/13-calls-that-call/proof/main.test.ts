import { credentials, status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { lineTo } from '#shared/hops/line.ts';
import { UserService } from '#kit/users/service.ts';
import { serve } from '#shared/grpc/serve.ts';
import { addressOf, mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('13-calls-that-call', { server, client }, { serversCall: true });

/** Asks without a deadline and without an id. @returns the error, or null */
const asked = async (address: string): Promise<unknown> => {
  const stub = new UserService(address, credentials.createInsecure());
  const error = await new Promise((resolve) => void stub.GetUser({ id: 'ada' }, resolve));
  stub.close();
  return error;
};

/** What the servers have said, without ids and times. */
const said = (lines: string[]): string[] =>
  lines.map((line) => line.replace(/^\w{8} {2}(\w+) .* left {2}/, '$1: '));

/** How the client's calls have ended, without ids and times. */
const ends = (lines: string[]): string[] => lines.map((line) => line.replace(/^\w{8} {2}client .* ms: /, ''));

const begun = (id: string): string[] => [
  'front: looks whether the caller may ask',
  'back: asks the database',
  `database: looks for "${id}"`,
];

const answered = (id: string, name: string): string[] => [
  ...begun(id),
  `database: has found ${name}`,
  'back: answers OK',
  'front: answers OK',
];

/** How far a call gets until its client leaves depends on the machine; each hop that has begun has to stop. */
const expectStopped = (lines: string[]): void => {
  const hopsOf = (pattern: RegExp): string[] =>
    lines.filter((line) => pattern.test(line)).map((line) => line.split(':')[0]!);
  // The deadline of the call behind it may be over first.
  const ended = hopsOf(/: (?:stops[:,] |answers DEADLINE_EXCEEDED)/);
  expect(ended.toSorted()).toEqual(hopsOf(/: (?:looks|asks) /).toSorted());
  expect(lines.join()).not.toMatch(/answers OK|has found/);
};

test('tells of each call at all three, under one id, and stops at each hop in turn', async () => {
  // All at the same time: the lines of a call are told by its id.
  const of = async (...flags: string[]) => (await lesson.pair(flags)).client;
  const [leave, early, late, errors, silent] = await Promise.all([
    of(),
    of('--show', 'early'),
    of('--show', 'late'),
    of('--show', 'errors'),
    of('--show', 'silent', '--line', 'forgetful'),
  ]);
  const logOf = (line: string): string[] =>
    vi
      .mocked(console.log)
      .mock.calls.map(([each]) => each as string)
      .filter((each) => each.startsWith(line.slice(0, 8)) && !each.includes('  client  '));
  // A hop may hear of the end after the client has.
  const allStop = (line: string): Promise<void> => vi.waitFor(() => expectStopped(said(logOf(line))));

  expect(said(logOf(leave[0]!))).toEqual(answered('ada', 'Ada Lovelace'));
  expect(ends(leave)[1]).toBe('CANCELLED, Cancelled on client');
  await allStop(leave[1]!);
  const left = logOf(leave[1]!).map((line) => Number(/(\d+) ms left/.exec(line)![1]));
  expect(left[0]).toBeGreaterThan(left.at(-1)!);

  expect(ends(early)[1]).toBe('CANCELLED, Cancelled on client');
  await allStop(early[1]!);

  expect(ends(late)[1]).toMatch(/^DEADLINE_EXCEEDED, /);
  await allStop(late[1]!);

  expect(said(logOf(errors[2]!)).slice(-3)).toEqual([
    'back: answers INTERNAL',
    'front: the back has ended with INTERNAL: disk I/O error in /var/lib/users.db, page 4711',
    'front: answers INTERNAL',
  ]);

  expect(ends(silent)).toEqual([
    'OK, Ada Lovelace',
    'UNAVAILABLE, Nobody can look for users now.',
    'OK, Ada Lovelace',
  ]);
  expect(said(logOf(silent[1]!)).slice(-3)).toEqual([
    'back: answers OK',
    'front: the back has ended with UNAVAILABLE: Connection dropped',
    'front: answers UNAVAILABLE',
  ]);
});

test('tells when nobody listens, and passes on what is no status', async () => {
  const { client: lines, exitCode } = await lesson.client(await lesson.gone());
  expect(lines[0]).toMatch(/^UNAVAILABLE: /);
  expect(exitCode).toBe(1);
  const handlers: Pick<UserServiceHandlers, 'GetUser'> = {
    GetUser: (_call, callback) => callback({ code: status.ABORTED, details: 'not today' }),
  };
  const address = addressOf(await serve(UserService.service, handlers, '127.0.0.1:0'));
  expect(ends((await lesson.client(address, ['--show', 'late'])).client)).toEqual(
    Array(2).fill('ABORTED, not today'),
  );
});

test('shows how the call of a caller without a deadline or an id goes on', async () => {
  await asked(await lesson.server());
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
  expect(await asked(`127.0.0.1:${line.port}`)).toMatchObject({ code: status.UNAVAILABLE });
  line.close();
});
