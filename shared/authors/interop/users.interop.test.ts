import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const badRequest = (...fields: string[]) => [
  {
    '@type': 'type.googleapis.com/google.rpc.BadRequest',
    field_violations: fields.map((field) => expect.objectContaining({ field }) as unknown),
  },
];
const errorInfo = (reason: string) => [
  { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'grpc-workbook' },
];

describe("lesson 7's server", () => {
  let server: Served;
  let seen: Record<string, Seen>;
  const began = Math.floor(Date.now() / 1_000);
  beforeAll(async () => {
    server = await stage.serve(7, '--db', ':memory:');
    seen = await stage.pythonClient('users_client.py', server.address);
  });

  it('makes a user, with the number in E.164 and the time of now', () => {
    expect(seen.created!.user).toMatchObject({
      name: 'Zoë 🎈',
      email: 'zoe@example.com',
      phone_number: '+14155550123',
    });
    expect(seen.created!.seconds).toBeGreaterThanOrEqual(began);
    expect(seen.created!.seconds).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
    expect(seen.read!.same).toBe(true);
  });

  it.each([
    ['created again', 'ALREADY_EXISTS', errorInfo('EMAIL_TAKEN')],
    ['created wrongly', 'INVALID_ARGUMENT', badRequest('user.name', 'user.email')],
    ['read nobody', 'NOT_FOUND', errorInfo('USER_NOT_FOUND')],
    ['updated wrongly', 'INVALID_ARGUMENT', badRequest('update_mask')],
    ['listed wrongly', 'INVALID_ARGUMENT', badRequest('page_token')],
    ['listed backwards', 'INVALID_ARGUMENT', badRequest('page_size')],
    ['deleted again', 'NOT_FOUND', errorInfo('USER_NOT_FOUND')],
  ])('says to programs too why a user is not %s: %s', (what, status, details) => {
    expect(seen[what]).toMatchObject({ status, details, details_agree: true });
  });

  it('changes what the mask names; without one, what is not empty', () => {
    const { id } = seen.created!.user as { id: string };
    expect(seen.updated).toMatchObject({ user: { id, name: 'Zoe', email: 'zoe@example.com' }, later: true });
    expect(seen['updated without a mask']!.user).toMatchObject({ name: 'Zoe', email: 'zoe@example.org' });
    expect(seen.cleared!.user).not.toHaveProperty('phone_number');
  });

  it('lists page by page', () => {
    expect(seen.listed).toMatchObject({ pages: [['Zoe', 'Ada'], ['Grace']], last: true });
  });

  it('answers a deletion with Empty', () => {
    expect(seen.deleted).toMatchObject({ status: 'OK', reply: {} });
  });

  it('answers buf', async () => {
    const { address } = await stage.serve(7, '--db', ':memory:');
    const call = (method: string, message: object) =>
      stage.buf(address, `user.UserService/${method}`, { send: [message] });
    const ada = { name: 'Ada', email: 'ada@example.com' };
    const [made] = (await call('CreateUser', { user: ada })).replies as { id: string; createTime: string }[];
    expect(made).toMatchObject(ada);
    expect(new Date(made!.createTime).getTime()).toBeGreaterThan(began * 1_000 - 1);
    const { id } = made!;
    expect((await call('GetUser', { id })).replies).toEqual([made]);
    const user = { id, name: 'Ada Lovelace' };
    const { replies } = await call('UpdateUser', { user, updateMask: 'name' });
    expect(replies).toMatchObject([{ ...ada, ...user }]);
    expect((await call('ListUsers', {})).replies).toEqual([{ users: replies }]);
    expect((await call('DeleteUser', { id })).replies).toEqual([{}]);
    const { error } = await call('GetUser', { id });
    expect(error).toMatchObject({ code: 'not_found', message: 'There is no such user.' });
    expect(error!.details!.map(({ type }) => type)).toEqual(['google.rpc.ErrorInfo']);
  });
});

describe("lesson 7's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('users_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('makes, reads, changes and deletes a user, and shows its times', async () => {
    const { stdout, code } = await stage.client(7, port, '--call', 'tour');
    expect(stdout).toContain("create_time: '2024-02-29T12:34:56.789Z'");
    expect(stdout).toContain("phone_number: '+1 415 555 0123'");
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('{}');
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
    const { stdout } = await stage.client(7, port, '--call', 'ListUsers', '--page-size', '10');
    expect(stdout).toBe("1 'Ada' \n2 'Grace' \n3 'Zoë' \n");
    await server.saw({ what: 'ListUsers', page_size: 10, page_token: 'ö?/+=' });
  });

  it('prints a status with what its details say', async () => {
    const { stderr, code } = await stage.client(7, port, '--call', 'GetUser', '--id', 'nobody');
    expect(stderr).toContain("NOT_FOUND: Wer ist das? 🎈\n  id: is nobody's\n  reason: USER_UNHEARD_OF");
    expect(code).toBe(1);
  });
});
