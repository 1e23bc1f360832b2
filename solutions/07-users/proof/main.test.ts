import { status, type ServiceError } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import type { UpdateUserRequest__Output } from '#protos/generated/user/UpdateUserRequest.ts';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { mainOf, requestsOf } from '#testkit/pair-in-process.ts';
import { serving, stubAt } from '#kit/peers.ts';
import { atTheTerminal } from '#testkit/fake-prompt.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import { masked } from '#testkit/masked-output.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

vi.mock('#shared/terminal/prompt.ts', () => import('#testkit/fake-prompt.ts'));

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;
const lesson = mainOf('07-users', { server, client });

const ada = ['--name', 'Ada', '--email', 'ada@example.com', '--phone', ''];
const grace = ['--name', 'Grace', '--email', 'grace@example.com', '--phone', '+14155550123'];

const idIn = (lines: readonly string[]): string => /id: '(.+)'/.exec(lines.join('\n'))![1]!;

/** What is printed of a user, without the times. */
const printed = (id: string, name: string, email: string, phone: string): string[] => [
  '{',
  `  id: '${id}',`,
  `  name: '${name}',`,
  `  email: '${email}',`,
  `  phone_number: '${phone}',`,
  "  create_time: 'TIME',",
  "  update_time: 'TIME'",
  '}',
];

const idMissing = ['INVALID_ARGUMENT: id must not be empty', '  id: must not be empty'];

test('goes on tour when nobody answers its questions, and leaves nothing behind', async () => {
  const address = await lesson.server();
  const updates = requestsOf<UpdateUserRequest__Output>('UpdateUser');
  const { client: toured, exitCode } = await lesson.client(address);
  expect(updates[0]!.update_mask).toEqual({ paths: ['phone_number'] });
  expect(toured.at(-1)).toBe('deleted');
  expect(exitCode).toBe(0);
  const { client: left } = await lesson.client(address, ['--call', 'ListUsers']);
  expect(left).toEqual([]);
});

test('means the user made last, until they are deleted', async () => {
  const calls = ['CreateUser', 'GetUser', 'DeleteUser', 'GetUser'].flatMap((call) => ['--call', call]);
  const { client: lines, exitCode } = await lesson.pair([...calls, ...ada]);
  const one = printed('ID', 'Ada', 'ada@example.com', '');
  expect(lines.map(masked)).toEqual([...one, ...one, 'deleted', ...idMissing]);
  expect(exitCode).toBe(1);
});

test('means the user that is named', async () => {
  const address = await lesson.server();
  const { client: made } = await lesson.client(address, ['--call', 'CreateUser', ...ada]);
  const id = idIn(made);
  const flags = ['--call', 'CreateUser', '--call', 'GetUser', '--id', id, ...grace];
  const { client: lines } = await lesson.client(address, flags);
  expect(lines.slice(-8)).toEqual(made);
});

test('still means the user read last when another one is deleted', async () => {
  let [first, asked] = ['', 0];
  const answers = ['CreateUser', 'Ada', 'ada@example.com', ''];
  answers.push('CreateUser', 'Grace', 'grace@example.com', '');
  answers.push('DeleteUser', 'the first', 'GetUser', '', 'quit');
  atTheTerminal(() => {
    const next = answers[asked++]!;
    return next === 'the first' ? first : next;
  });
  const { client: lines } = await lesson.pair([], {
    typing: (line) => {
      first ||= /id: '(.+)'/.exec(line)?.[1] ?? '';
      return undefined;
    },
  });
  const two = printed('ID', 'Grace', 'grace@example.com', '');
  expect(lines.map(masked).slice(8)).toEqual([...two, 'deleted', ...two]);
});

test.each([
  ['', ['name', 'email', 'phone']],
  ['name', ['name']],
  [' email , phone_number ,', ['email', 'phone']],
  ['*', ['name', 'email', 'phone']],
] as const)('with the mask "%s" it asks for what it changes, and no more', async (mask, keys) => {
  const updates = requestsOf<UpdateUserRequest__Output>('UpdateUser');
  const answers = ['CreateUser', 'Ada', 'ada@example.com', '', 'UpdateUser', '', mask];
  for (const key of keys)
    answers.push({ name: 'Grace', email: 'grace@example.com', phone: '+14155550123' }[key]);
  answers.push('quit');
  const asked = atTheTerminal(() => answers.shift()!);
  const { client: lines } = await lesson.pair();
  const wanted = ['call', 'name', 'email', 'phone', 'call', 'id', 'mask', ...keys, 'call'] as const;
  expect(asked).toEqual(wanted.map((key) => client.questions[key].message));
  const changed = new Set<string>(keys);
  expect(updates[0]!.user).toMatchObject({
    name: changed.has('name') ? 'Grace' : '',
    email: changed.has('email') ? 'grace@example.com' : '',
    phone_number: changed.has('phone') ? '+14155550123' : '',
  });
  expect(lines.map(masked).slice(8)).toEqual(
    printed(
      'ID',
      changed.has('name') ? 'Grace' : 'Ada',
      changed.has('email') ? 'grace@example.com' : 'ada@example.com',
      changed.has('phone') ? '+14155550123' : '',
    ),
  );
});

test('fills in nothing by itself when nobody says anything about a user', async () => {
  const address = await lesson.server();
  const { client: lines } = await lesson.client(address, ['--call', 'CreateUser']);
  expect(lines.slice(1)).toEqual(['  user.name: must not be empty', '  user.email: must not be empty']);
  const { client: made } = await lesson.client(address, ['--call', 'CreateUser', ...grace]);
  const update = ['--call', 'UpdateUser', '--id', idIn(made)];
  const { client: renamed } = await lesson.client(address, [...update, '--name', 'Ada']);
  const phone = '+14155550123';
  expect(renamed.map(masked)).toEqual(printed('ID', 'Ada', 'grace@example.com', phone));
  // What the mask names is changed even to nothing.
  const { client: withoutPhone } = await lesson.client(address, [...update, '--mask', 'phone_number']);
  expect(withoutPhone.map(masked)).toEqual(printed('ID', 'Ada', 'grace@example.com', ''));
});

test('lists all users, however few a page has', async () => {
  const address = await lesson.server();
  for (const one of [ada, grace]) await lesson.client(address, ['--call', 'CreateUser', ...one]);
  const { client: lines } = await lesson.client(address, ['--call', 'ListUsers', '--page-size', '1']);
  expect(lines.map(masked)).toEqual(["ID 'Ada' ada@example.com", "ID 'Grace' grace@example.com"]);
});

test.each(['abc', '3000000000', '2.5'])('does not send %s as a page size', async (size) => {
  const { client: lines, exitCode } = await lesson.pair(['--call', 'ListUsers', '--page-size', size]);
  expect(lines).toEqual([
    `"${size}" is no page size: that is a whole number, and an int32 ends at 2147483647.`,
  ]);
  expect(exitCode).toBe(1);
});

test('asks for 50 users a page when nobody says how many, and does not wait for ever', async () => {
  let asked: { page_size: number; deadline: Date | number } | undefined;
  const address = await serving(UserService.service, {
    ListUsers: (call, callback) => {
      asked = { page_size: call.request.page_size, deadline: call.getDeadline() };
      callback(null, {});
    },
  } satisfies Pick<UserServiceHandlers, 'ListUsers'>);
  await lesson.client(address, ['--call', 'ListUsers']);
  expect(asked!.page_size).toBe(50);
  expect(Number(asked!.deadline)).toBeLessThan(Date.now() + 60_000);
});

test.each(['GetUser', 'UpdateUser', 'DeleteUser'])('says so when %s finds no such user', async (call) => {
  const { client: lines } = await lesson.pair(['--call', call, '--id', 'nobody', '--mask', 'phone_number']);
  expect(lines).toEqual(['NOT_FOUND: There is no such user.', '  reason: USER_NOT_FOUND']);
});

test('says what is wrong with an update', async () => {
  const address = await lesson.server();
  const { client: made } = await lesson.client(address, ['--call', 'CreateUser', ...ada]);
  await lesson.client(address, ['--call', 'CreateUser', ...grace]);
  const update = ['--call', 'UpdateUser', '--id', idIn(made)];
  const { client: taken } = await lesson.client(address, [...update, '--mask', 'email', ...grace]);
  expect(taken).toEqual(['ALREADY_EXISTS: Another user has this email.', '  reason: EMAIL_TAKEN']);
  const { client: unknown } = await lesson.client(address, [...update, '--mask', 'shoe_size', ...grace]);
  expect(unknown[0]).toMatch(/^INVALID_ARGUMENT: update_mask .*shoe_size/);
  const { client: nobody } = await lesson.client(address, ['--call', 'UpdateUser']);
  expect(nobody[0]).toBe('INVALID_ARGUMENT: user.id must not be empty');
});

test('makes no call after quit, and then nothing has failed', async () => {
  const { client: lines, exitCode } = await lesson.pair([
    '--call',
    'GetUser',
    '--call',
    'quit',
    '--call',
    'tour',
  ]);
  expect(lines).toEqual(idMissing);
  expect(exitCode).toBe(0);
});

test('leaves nothing behind when the tour fails on the way', async () => {
  const deleted: string[] = [];
  const refuse = { code: status.INTERNAL, details: 'out of order' };
  const store = new UserStore(':memory:');
  const handlers = server.users(store);
  const address = await serving(UserService.service, {
    ...handlers,
    GetUser: (_call, callback) => callback(refuse),
    DeleteUser: (call, callback) => {
      deleted.push(call.request.id);
      callback({ code: status.UNAVAILABLE, details: 'not now' });
    },
  } satisfies UserServiceHandlers);
  const { client: lines, exitCode } = await lesson.client(address);
  expect(deleted).toEqual([idIn(lines)]);
  expect(lines.slice(8)).toEqual(['INTERNAL: out of order']);
  expect(exitCode).toBe(1);
  store.close();
});

test('refuses what its own client does not send', async () => {
  const stub = stubAt(UserService, await lesson.server());
  const refusal = (call: (done: (error: ServiceError | null) => void) => unknown): Promise<string> =>
    new Promise((resolve) => void call((error) => resolve(error!.message)));
  expect(await refusal((done) => stub.UpdateUser({}, done))).toBe(
    '3 INVALID_ARGUMENT: user.id must not be empty',
  );
  expect(await refusal((done) => stub.ListUsers({ page_token: '2' }, done))).toBe(
    '3 INVALID_ARGUMENT: page_token is none that this service has given out',
  );
});

test('says what is wrong with a page of less than nothing, and with no id', async () => {
  const { client: size } = await lesson.pair(['--call', 'ListUsers', '--page-size=-1']);
  expect(size[0]).toBe('INVALID_ARGUMENT: page_size must not be negative');
  const { client: id } = await lesson.pair(['--call', 'DeleteUser']);
  expect(id).toEqual(idMissing);
});

test('does not take for a status what is none', async () => {
  vi.mocked(console.log).mockImplementationOnce(() => {
    throw new Error('nobody reads this');
  });
  await expect(lesson.pair()).rejects.toThrow('nobody reads this');
});

test('closes its database when it stops, and when it cannot listen', async () => {
  const close = vi.spyOn(UserStore.prototype, 'close');
  const first = await server.start('127.0.0.1:0', { db: ':memory:' });
  await expect(server.start(`127.0.0.1:${first.port}`, { db: ':memory:' })).rejects.toThrow('EADDRINUSE');
  expect(close).toHaveBeenCalledTimes(1);
  await first.stop!();
  expect(close).toHaveBeenCalledTimes(2);
  first.server.forceShutdown();
});
