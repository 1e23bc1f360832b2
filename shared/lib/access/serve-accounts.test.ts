import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/account.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import { closePeers, stubAt, tracked } from '#kit/peers.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { reply } from '../grpc/unary-call.ts';
import type { OpenAccounts } from './account-files.ts';
import { serveAccounts, type AccountParts } from './serve-accounts.ts';

// Who is signed in as whom, and what stands before which method, the checks of lesson 9 ask through the wire.
const { AccountService } = loadProto<ProtoGrpcType>('account.proto').account;

afterEach(closePeers);

const typed = (): Parameters<typeof serveAccounts>[1] => ({
  db: path.join(tempFolder(), 'accounts.db'),
  admin: '',
  life: '60',
  rotate: 'no',
});

/** A server for which every code but `wait` is right; its tokens are the names of the keys that would sign them. */
const served = async (values = typed(), address = '127.0.0.1:0') => {
  const state = { chatStopped: false, kept: undefined as OpenAccounts | undefined };
  const partsFrom = (open: OpenAccounts): AccountParts => {
    state.kept = open;
    return {
      sign: async (keys) => keys.newest.kid,
      otp: {
        SendOTP: (_call, callback) => callback(null, { success: true }),
        VerifyOTP: ({ request: { otp } }, callback) =>
          otp === 'wait'
            ? callback({ code: status.RESOURCE_EXHAUSTED, details: 'wait' })
            : callback(null, { success: true }),
      },
      users: {} as AccountParts['users'],
      chat: {
        handlers: {} as AccountParts['chat']['handlers'],
        stop: () => void (state.chatStopped = true),
      },
      interceptors: [],
    };
  };
  const { server, port, stop } = await serveAccounts(address, values, partsFrom).catch((error: unknown) => {
    throw Object.assign(error as Error, state);
  });
  tracked(server);
  onTestFinished(() => void stop!());
  const desk = stubAt(AccountService, `127.0.0.1:${port}`);
  const request = { phone_number: '+14155550123', otp: '123456' };
  const signIn = (changes = {}) =>
    reply<SignInResponse__Output>((options, done) => desk.SignIn({ ...request, ...changes }, options, done));
  return { state, stop: stop!, port, signIn };
};

/** Whether what the server had open is closed. */
const isClosed = ({ store }: OpenAccounts): boolean => {
  try {
    store.update('anybody', {});
    return false;
  } catch {
    return true;
  }
};

it('passes on why no code is looked at', async () => {
  const { signIn } = await served();
  const full = { code: status.RESOURCE_EXHAUSTED, details: 'wait' };
  await expect(signIn({ otp: 'wait' })).rejects.toMatchObject(full);
});

it('knows its users again, and signs with the key it had, or with a new one when it is told to', async () => {
  const values = typed();
  const answers: SignInResponse__Output[] = [];
  for (const rotate of ['no', 'no', 'yes']) {
    const { signIn, stop } = await served({ ...values, rotate });
    answers.push(await signIn());
    await stop();
  }
  const [kids, users] = [answers.map((one) => one.access_token), answers.map((one) => one.user!.id)];
  expect(new Set(users).size).toBe(1);
  expect(kids[1]).toBe(kids[0]);
  expect(kids[2]).not.toBe(kids[0]);
});

it('ends the chat and closes its files when it stops', async () => {
  const { stop, state } = await served();
  expect([state.chatStopped, isClosed(state.kept!)]).toEqual([false, false]);
  await stop();
  expect([state.chatStopped, isClosed(state.kept!)]).toEqual([true, true]);
});

it('leaves nothing open when its port is taken, or when a setting makes no sense', async () => {
  const refused = (...given: Parameters<typeof served>): Promise<Error & { kept: OpenAccounts }> =>
    served(...given).then(
      () => expect.fail('It came up.'),
      (error) => error,
    );
  const { port } = await served();
  const { message, kept } = await refused(typed(), `127.0.0.1:${port}`);
  expect(message).toContain('EADDRINUSE');
  expect(isClosed(kept)).toBe(true);
  const unread = await refused({ ...typed(), life: '0' });
  expect(unread.message).toContain('--life');
  expect(unread.kept).toBeUndefined();
});
