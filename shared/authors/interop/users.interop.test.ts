import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, detail, ok } from './calls.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const errorInfo = (reason: string) => detail('ErrorInfo', { reason, domain: 'grpc-workbook' });
interface User {
  id: string;
  createTime: string;
  updateTime: string;
}

describe.each(stage.callers)("lesson 7's server, called by $name", ({ call }) => {
  let server: Served;
  const began = Math.floor(Date.now() / 1_000) * 1_000;
  beforeAll(async () => {
    server = await stage.serve(7, '--db', ':memory:');
  });
  const ask = (method: string, message: object) =>
    call(server.address, `user.UserService/${method}`, { send: [message] });
  const changed = async (user: object, updateMask?: string): Promise<User> => {
    const { replies } = await ask('UpdateUser', { user, ...(updateMask && { updateMask }) });
    return replies[0] as User;
  };

  it('makes, reads, changes, lists and deletes users', async () => {
    const zoe = { name: 'Zoë 🎈', email: 'zoe@example.com' };
    const { replies } = await ask('CreateUser', { user: { ...zoe, phoneNumber: '+1 (415) 555-0123' } });
    expect(replies).toMatchObject([{ ...zoe, phoneNumber: '+14155550123' }]);
    const [{ id, createTime, updateTime }] = replies as [User];
    expect(Date.parse(createTime)).toBeGreaterThanOrEqual(began);
    expect(Date.parse(createTime)).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(await ask('GetUser', { id })).toEqual(ok(...replies));
    // What the mask names is changed; without one, what is not empty.
    const named = await changed({ id, name: 'Zoe', email: 'ignored' }, 'name');
    expect(named).toMatchObject({ id, name: 'Zoe', email: 'zoe@example.com' });
    expect(Date.parse(named.updateTime)).toBeGreaterThanOrEqual(Date.parse(updateTime));
    const email = 'zoe@example.org';
    expect(await changed({ id, email })).toMatchObject({ name: 'Zoe', email });
    expect(await changed({ id }, 'phoneNumber')).not.toHaveProperty('phoneNumber');

    for (const [what, method, message, code, problem] of [
      [
        'taken',
        'CreateUser',
        { user: { name: 'Zoë', email: 'ZOE@example.org' } },
        'ALREADY_EXISTS',
        errorInfo('EMAIL_TAKEN'),
      ],
      [
        'no such field',
        'UpdateUser',
        { user: { id }, updateMask: 'shoeSize' },
        'INVALID_ARGUMENT',
        badRequest({ field: 'update_mask' }),
      ],
    ] as const) {
      const answer = await ask(method, message);
      expect(answer, what).toMatchObject({ code, details: [problem] });
    }

    for (const name of ['Ada', 'Grace'])
      await ask('CreateUser', { user: { name, email: `${name}@example.com` } });
    const first = await ask('ListUsers', { pageSize: 2 });
    expect(first.replies).toMatchObject([{ users: [{ name: 'Zoe' }, { name: 'Ada' }] }]);
    const [{ nextPageToken: pageToken }] = first.replies as [{ nextPageToken: string }];
    expect(await ask('ListUsers', { pageSize: 2, pageToken })).toMatchObject(
      ok({ users: [expect.objectContaining({ name: 'Grace' })] }),
    );

    expect(await ask('DeleteUser', { id })).toEqual(ok({}));
    expect(await ask('DeleteUser', { id })).toMatchObject({
      code: 'NOT_FOUND',
      details: [errorInfo('USER_NOT_FOUND')],
    });
  });

  it.each([
    [
      'CreateUser',
      { user: { email: 'nowhere' } },
      'INVALID_ARGUMENT',
      badRequest({ field: 'user.name' }, { field: 'user.email' }),
    ],
    ['GetUser', { id: 'nobody' }, 'NOT_FOUND', errorInfo('USER_NOT_FOUND')],
    ['ListUsers', { pageToken: 'made up' }, 'INVALID_ARGUMENT', badRequest({ field: 'page_token' })],
    ['ListUsers', { pageSize: -1 }, 'INVALID_ARGUMENT', badRequest({ field: 'page_size' })],
  ])('says to programs too what is wrong with %s(%j): %s', async (method, message, code, problem) => {
    expect(await ask(method, message)).toMatchObject({ code, details: [problem] });
  });
});

describe("lesson 7's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('users_server.py');
  });

  it('makes, reads, changes and deletes a user, and shows its times', async () => {
    const { stdout, code } = await stage.client(7, server, '--call', 'tour');
    expect(stdout).toContain("create_time: '2024-02-29T12:34:56.789Z'");
    expect(stdout).toContain("phone_number: '+1 415 555 0123'");
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('deleted');
    expect(code).toBe(0);
    const { user } = await server.saw({ what: 'CreateUser' });
    expect(user).toMatchObject({ name: 'Ada' });
    await server.saw({
      what: 'UpdateUser',
      user: { id: '1', phone_number: '+1 415 555 0123' },
      // As JSON has it, which Python makes of what came.
      update_mask: 'phoneNumber',
    });
    await server.saw({ what: 'DeleteUser', id: '1' });
  });

  it('follows page tokens, whatever is in them', async () => {
    const { stdout } = await stage.client(7, server, '--call', 'ListUsers', '--page-size', '10');
    expect(stdout).toBe("1 'Ada' \n2 'Grace' \n3 'Zoë' \n");
    await server.saw({ what: 'ListUsers', page_size: 10, page_token: 'ö?/+=' });
  });

  it('prints a status with what its details say', async () => {
    const { stderr, code } = await stage.client(7, server, '--call', 'GetUser', '--id', 'nobody');
    expect(stderr).toContain("NOT_FOUND: Wer ist das? 🎈\n  id: is nobody's\n  reason: USER_UNHEARD_OF");
    expect(code).toBe(1);
  });
});
