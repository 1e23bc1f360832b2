import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  credentials,
  status,
  type CallOptions,
  type requestCallback,
  type ServiceError,
} from '@grpc/grpc-js';
import Database from 'libsql';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ListUsersRequest } from '#protos/generated/user/ListUsersRequest.ts';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User, User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { descendantsOf } from '#testkit/processes.ts';
import { WorkbookCopy, type Running } from '#testkit/workbook-copy.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;
const workbook = new WorkbookCopy();
const running = new Set<Running>();
const stubs: UserServiceClient[] = [];

/** Every test has a database of its own. */
let count = 0;
const newDatabase = (): string => path.join(workbook.folder, 'data', `users ${(count += 1)}.db`);

afterEach(async () => {
  for (const stub of stubs.splice(0)) stub.close();
  for (const server of running) {
    server.child.kill('SIGINT');
    await server.ended;
  }
  running.clear();
});
afterAll(() => workbook.delete());

interface RunningServer {
  server: Running;
  port: string;
  stub: UserServiceClient;
}

const serverOn = async (db: string): Promise<RunningServer> => {
  const server = workbook.start(['lesson', '7', 'server', '--solution', '--port', '0', '--db', db]);
  running.add(server);
  const port = /:(\d+)/.exec(await server.printed(/listening on .*:\d+/))![1]!;
  const stub = new UserService(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  stubs.push(stub);
  return { server, port, stub };
};

const reply = <T>(call: (options: CallOptions, done: requestCallback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call({ deadline: Date.now() + 30_000 }, (error, value) => (error ? reject(error) : resolve(value!)));
  });
const create = (stub: UserServiceClient, user: User): Promise<User__Output> =>
  reply((options, done) => stub.CreateUser({ user }, options, done));
const get = (stub: UserServiceClient, id: string): Promise<User__Output> =>
  reply((options, done) => stub.GetUser({ id }, options, done));
const update = (stub: UserServiceClient, user: User): Promise<User__Output> =>
  reply((options, done) => stub.UpdateUser({ user }, options, done));
const list = (stub: UserServiceClient, request: ListUsersRequest): Promise<ListUsersResponse__Output> =>
  reply((options, done) => stub.ListUsers(request, options, done));
const emailsFrom = async (stub: UserServiceClient): Promise<string[]> => {
  const { users } = await list(stub, { page_size: 1_000 });
  return users.map(({ email }) => email);
};

/** @returns how a call ended: OK, or the name of another status */
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'OK',
    (error: unknown) => (isServiceError(error) ? status[error.code]! : String(error)),
  );

describe('users', () => {
  it('survive a restart of the server, and so does the place in the list', async () => {
    const db = newDatabase();
    const first = await serverOn(db);
    const ada = await create(first.stub, { name: 'Ada', email: 'ada@example.com' });
    await create(first.stub, { name: 'Grace', email: 'grace@example.com' });
    const page = await list(first.stub, { page_size: 1 });
    first.server.child.kill('SIGINT');
    expect((await first.server.ended).code).toBe(130);
    const second = await serverOn(db);
    expect(await get(second.stub, ada.id)).toEqual(ada);
    const { users } = await list(second.stub, { page_token: page.next_page_token });
    expect(users.map(({ name }) => name)).toEqual(['Grace']);
  });

  // Windows has no ps.
  it.skipIf(process.platform === 'win32')('survive kill -9 right after the reply', async () => {
    const db = newDatabase();
    const made: User__Output[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { server, stub } = await serverOn(db);
      for (const user of made) expect(await get(stub, user.id)).toEqual(user);
      // The process that serves has been started by the one that was started here.
      const serving = descendantsOf(server.child.pid!);
      expect(serving.length).toBeGreaterThan(0);
      await new Promise<void>((resolve, reject) => {
        stub.CreateUser({ user: { name: 'Ada', email: `ada${round}@example.com` } }, (error, user) => {
          for (const { pid } of serving) process.kill(pid, 'SIGKILL');
          if (error) return reject(error);
          made.push(user!);
          resolve();
        });
      });
      // The command goes when its server has gone.
      await server.ended;
      running.delete(server);
    }
    const { stub } = await serverOn(db);
    for (const user of made) expect(await get(stub, user.id)).toEqual(user);
    expect(await emailsFrom(stub)).toHaveLength(made.length);
  });
});

describe('two servers on one file', () => {
  it('give an email to one caller alone, and both list all users', async () => {
    const db = newDatabase();
    const [one, other] = await Promise.all([serverOn(db), serverOn(db)]);
    for (let race = 0; race < 60; race += 1) {
      const outcomes = await Promise.all([
        outcome(create(one.stub, { name: 'One', email: `same${race}@example.com` })),
        outcome(create(other.stub, { name: 'Other', email: `SAME${race}@example.com` })),
      ]);
      expect(outcomes.toSorted()).toEqual(['ALREADY_EXISTS', 'OK']);
    }
    const emails = await emailsFrom(one.stub);
    expect(emails.map((email) => email.toLowerCase())).toEqual(
      Array.from({ length: 60 }, (_, race) => `same${race}@example.com`),
    );
    expect(await emailsFrom(other.stub)).toEqual(emails);
  });

  it('lose no change when both change one user at the same time', async () => {
    const db = newDatabase();
    const [one, other] = await Promise.all([serverOn(db), serverOn(db)]);
    const { id } = await create(one.stub, { name: 'Ada', email: 'ada@example.com' });
    for (let race = 0; race < 40; race += 1) {
      const changed = { name: `Ada ${race}`, email: `ada${race}@example.com` };
      await Promise.all([
        update(one.stub, { id, name: changed.name }),
        update(other.stub, { id, email: changed.email }),
      ]);
      expect(await get(one.stub, id)).toMatchObject(changed);
    }
  });
});

describe('a database that is in the way', () => {
  it('fails a call while another process keeps it locked, tells no SQL, and stores the next', async () => {
    const db = newDatabase();
    const { stub } = await serverOn(db);
    const locker = new Database(db);
    locker.exec('BEGIN IMMEDIATE');
    const failed = await create(stub, { name: 'Ada', email: 'ada@example.com' }).catch(
      (error: unknown) => error,
    );
    const { code, details } = failed as ServiceError;
    expect(status[code]).toBe('INTERNAL');
    expect(details).toContain('database is locked');
    expect(details).not.toMatch(/INSERT|email_key/);
    locker.exec('COMMIT');
    locker.close();
    const grace = await create(stub, { name: 'Grace', email: 'grace@example.com' });
    expect(await get(stub, grace.id)).toEqual(grace);
    expect(await emailsFrom(stub)).toEqual(['grace@example.com']);
  });

  it.each([
    ['a folder', 'folder', (file: string) => mkdirSync(file)],
    ['no database', 'text.db', (file: string) => writeFileSync(file, 'no database '.repeat(500))],
    ['in a folder that is a file', 'file/users.db', (file: string) => writeFileSync(path.dirname(file), '')],
  ])('ends the server with one sentence when it is %s', async (_what, name, prepare) => {
    const file = path.join(workbook.folder, name);
    prepare(file);
    const args = ['lesson', '7', 'server', '--solution', '--port', '0', '--db', file];
    const { code, stdout, stderr } = await workbook.run(args);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^! The database .+ (?:cannot be opened|is no database)[:;] .+\. --db names another one\.\n$/,
    );
    expect(code).toBe(1);
  });

  it('is no concern of a client alone', async () => {
    const { code, stderr } = await workbook.run(['lesson', '7', 'client', '--db', 'users.db']);
    expect(stderr).toContain("unknown option '--db'");
    expect(code).toBe(2);
  });
});

describe('the client', () => {
  it('goes on tour again and again, and leaves nobody behind', async () => {
    const { port, stub } = await serverOn(newDatabase());
    for (let tour = 0; tour < 2; tour += 1) {
      const { code, stdout, stderr } = await workbook.run([
        'lesson',
        '7',
        'client',
        '--solution',
        '--port',
        port,
      ]);
      expect(stderr).toBe('');
      expect(stdout).toContain("phone_number: '+14155550123'");
      expect(code).toBe(0);
    }
    expect(await emailsFrom(stub)).toEqual([]);
  });

  it('makes the one call that a flag names, and exits with 1 when it fails', async () => {
    const { port } = await serverOn(newDatabase());
    const client = (...flags: string[]) =>
      workbook.run(['lesson', '7', 'client', '--solution', '--port', port, ...flags]);
    const made = await client('--call', 'CreateUser', '--name', 'Ada', '--email', 'ada@example.com');
    expect(made.code).toBe(0);
    const id = /id: '(.+)'/.exec(made.stdout)![1]!;
    const changed = await client(
      '--call',
      'UpdateUser',
      '--id',
      id,
      '--phone',
      '+1 415 555 0123',
      '--mask',
      'phone_number',
    );
    expect(changed.stdout).toContain("phone_number: '+14155550123'");
    expect((await client('--call', 'ListUsers', '--page-size', '1')).stdout).toBe(
      `${id} 'Ada' ada@example.com\n`,
    );
    expect(await client('--call', 'CreateUser', '--email', 'ada')).toEqual({
      code: 1,
      stdout: '',
      stderr: `INVALID_ARGUMENT: user.name must not be empty; user.email must have one @ with something on both sides, and no spaces
  user.name: must not be empty
  user.email: must have one @ with something on both sides, and no spaces
`,
    });
    expect(await client('--call', 'DeleteUser', '--id', id)).toEqual({
      code: 0,
      stdout: 'deleted\n',
      stderr: '',
    });
    expect(await client('--call', 'GetUser', '--id', id)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'NOT_FOUND: There is no such user.\n  reason: USER_NOT_FOUND\n',
    });
  });

  it('means the last user it has met when it gets no id, until that one is deleted', async () => {
    const { port } = await serverOn(newDatabase());
    const calls = ['CreateUser', 'GetUser', 'DeleteUser', 'GetUser'].flatMap((call) => ['--call', call]);
    const flags = ['--name', 'Ada', '--email', 'ada@example.com'];
    const args = ['lesson', '7', 'client', '--solution', '--port', port, ...calls, ...flags];
    const { stdout, stderr } = await workbook.run(args);
    const [made, read, ...rest] = stdout.match(/id: '.+'|deleted/g)!;
    expect(read).toBe(made);
    expect(rest).toEqual(['deleted']);
    expect(stderr).toBe('INVALID_ARGUMENT: id must not be empty\n  id: must not be empty\n');
  });

  it.each(['abc', '2.5', '3000000000'])('does not ask for pages of %s users', async (size) => {
    // Nobody listens there: no call is made.
    const args = ['lesson', '7', 'client', '--solution', '--port', '1', '--call', 'ListUsers'];
    expect(await workbook.run([...args, '--page-size', size])).toEqual({
      code: 1,
      stdout: '',
      stderr: `"${size}" is no page size: that is a whole number, and an int32 ends at 2147483647.\n`,
    });
  });
});
