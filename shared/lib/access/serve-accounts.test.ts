import path from 'node:path';
import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { hear, soon } from '#kit/calls.ts';
import { closePeers, stubAt, tracked } from '#kit/peers.ts';
import { tempFolder } from '#kit/temp-folder.ts';
import { metadataOf } from '#testkit/metadata-of.ts';
import { noteCaller, type Caller } from './caller.ts';
import { reply } from '../grpc/reply.ts';
import type { OpenAccounts } from './open-accounts.ts';
import { account, serveAccounts, type AccountParts, type Sign } from './serve-accounts.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;
const { UserService } = loadProto<Users>('user_service.proto').user;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

const adaPhone = '+14155550123';
const rootPhone = '+14155550100';

afterEach(closePeers);

/** Believes whatever stands in `caller`. */
const credulous: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    start: (next) =>
      next({
        onReceiveMetadata: (metadata, pass) => {
          noteCaller(metadata, { id: String(metadata.get('caller')[0]), role: 'user' });
          pass(metadata);
        },
      }),
  });

const typed = (): Parameters<typeof serveAccounts>[1] => ({
  db: path.join(tempFolder(), 'accounts.db'),
  admin: rootPhone,
  life: '60',
  rotate: 'no',
});

/** A server whose only good code is 123456, and what its parts were asked. */
const served = async (values = typed(), address = '127.0.0.1:0') => {
  const said: unknown[] = [];
  let chatStopped = false;
  let kept: OpenAccounts | undefined;
  const sign: Sign = async (keys, caller, life) => JSON.stringify({ kid: keys.newest.kid, ...caller, life });
  const partsFrom = (open: OpenAccounts): AccountParts => {
    kept = open;
    return {
      sign,
      otp: {
        SendOTP: (_call, callback) => callback(null, { success: true }),
        VerifyOTP: ({ request: { otp } }, callback) =>
          otp === 'wait'
            ? callback({ code: status.RESOURCE_EXHAUSTED, details: 'wait' })
            : callback(null, { success: otp === '123456' }),
      },
      users: {
        ListUsers: (_call, callback) => callback(null, open.store.page(10, '')!),
      } as Partial<AccountParts['users']> as AccountParts['users'],
      chat: {
        handlers: {
          SendMessage: ({ request }, callback) => {
            said.push({ ...request });
            callback(null, {});
          },
          ReceiveMessage: (call) => {
            call.write({ user_name: 'Ada', text: 'hi' });
            call.end();
          },
        },
        stop: () => void (chatStopped = true),
      },
      interceptors: [credulous],
    };
  };
  const state = { said, isChatStopped: () => chatStopped, kept: () => kept! };
  const { server, port, stop } = await serveAccounts(address, values, partsFrom).catch((error: unknown) => {
    throw Object.assign(error as Error, state);
  });
  tracked(server);
  onTestFinished(() => void stop!());
  const at = `127.0.0.1:${port}`;
  const desk = stubAt(AccountService, at);
  const signIn = (phone_number: string, otp = '123456') =>
    reply<SignInResponse__Output>((options, done) => desk.SignIn({ phone_number, otp }, options, done));
  return { ...state, at, stop: stop!, port, signIn };
};

const tokenIn = ({ access_token }: { access_token: string }) =>
  JSON.parse(access_token) as Caller & { kid: string; life: number };

/** Whether what the server had open is closed. */
const isClosed = ({ store }: OpenAccounts): boolean => {
  try {
    store.update('anybody', {});
    return false;
  } catch {
    return true;
  }
};

describe('signing in', () => {
  it('makes a user for a phone, and gives a token for it', async () => {
    const { signIn } = await served();
    const answer = await signIn('+1 (415) 555-0123');
    const { id, phone_number } = answer.user!;
    expect(phone_number).toBe(adaPhone);
    expect(answer.expires_in).toEqual({ seconds: '60', nanos: 0 });
    expect(tokenIn(answer)).toMatchObject({ id, phone: adaPhone, role: 'user', life: 60 });
    expect((await signIn(adaPhone)).user!.id).toBe(id);
  });

  it('knows an admin by the phone', async () => {
    const { signIn } = await served();
    expect(tokenIn(await signIn(rootPhone)).role).toBe('admin');
  });

  it('tells a wrong code, and passes on why no code is looked at', async () => {
    const { signIn } = await served();
    const wrong = { code: status.UNAUTHENTICATED, details: 'This code is wrong, or no longer good.' };
    await expect(signIn(adaPhone, '000000')).rejects.toMatchObject(wrong);
    const full = { code: status.RESOURCE_EXHAUSTED, details: 'wait' };
    await expect(signIn(adaPhone, 'wait')).rejects.toMatchObject(full);
  });

  it('signs by the clock that it is given', async () => {
    const now = Date.UTC(2030, 0, 1);
    const signed: number[] = [];
    const { SignIn } = account({
      sign: async (_keys, _caller, _life, at) => String(signed.push(at)),
      verifyOtp: (_call, callback) => callback(null, { success: true }),
      userOf: () => ({ id: 'ada' }) as never,
      keys: {} as never,
      admins: new Set(),
      life: 60,
      now: () => now,
    });
    await new Promise((resolve) => {
      void SignIn({ request: { phone_number: adaPhone } } as never, resolve);
    });
    expect(signed).toEqual([now]);
  });
});

describe('a server with accounts', () => {
  it('offers the other services too', async () => {
    const { at, signIn } = await served();
    await signIn(adaPhone);
    const phones = stubAt(PhoneOTPService, at);
    const to = { phone_number: adaPhone };
    expect(await reply((options, done) => phones.SendOTP(to, options, done))).toEqual({ success: true });
    const users = stubAt(UserService, at);
    expect(await reply((options, done) => users.ListUsers({}, options, done))).toMatchObject({
      users: [{ phone_number: adaPhone }],
    });
    const { messages } = await hear(stubAt(ChatService, at).ReceiveMessage({}, soon()));
    expect(messages).toEqual([{ user_name: 'Ada', text: 'hi' }]);
  });

  it('lets nobody speak in the name of another', async () => {
    const { at, signIn, said, kept } = await served();
    const { id } = (await signIn(adaPhone)).user!;
    kept().store.update(id, { name: 'Ada' });
    const chat = stubAt(ChatService, at);
    const say = (): Promise<unknown> =>
      reply((options, done) =>
        chat.SendMessage({ user_name: 'Grace', text: 'hi' }, metadataOf({ caller: id }), options, done),
      );
    await say();
    kept().store.delete(id);
    await say();
    expect(said).toEqual([
      { user_name: 'Ada', text: 'hi' },
      { user_name: '', text: 'hi' },
    ]);
  });

  it('signs with a new key when it is told to, and else with the one it had', async () => {
    const values = typed();
    const kids: string[] = [];
    for (const rotate of ['no', 'no', 'yes']) {
      const { signIn, stop } = await served({ ...values, rotate });
      kids.push(tokenIn(await signIn(adaPhone)).kid);
      await stop();
    }
    expect(kids[1]).toBe(kids[0]);
    expect(kids[2]).not.toBe(kids[0]);
  });

  it('ends the chat and closes its files when it stops', async () => {
    const { stop, isChatStopped, kept } = await served();
    expect([isChatStopped(), isClosed(kept())]).toEqual([false, false]);
    await stop();
    expect([isChatStopped(), isClosed(kept())]).toEqual([true, true]);
  });

  /** Why a server does not come up, and what it had opened by then. */
  const refused = (...given: Parameters<typeof served>): Promise<Error & { kept(): OpenAccounts }> =>
    served(...given).then(
      () => expect.fail('It came up.'),
      (error) => error,
    );

  it('leaves nothing open when its port is taken', async () => {
    const { port } = await served();
    const { message, kept } = await refused(typed(), `127.0.0.1:${port}`);
    expect(message).toContain('EADDRINUSE');
    expect(isClosed(kept())).toBe(true);
  });

  it('opens nothing when a setting makes no sense', async () => {
    const { message, kept } = await refused({ ...typed(), life: '0' });
    expect(message).toContain('--life');
    expect(kept()).toBeUndefined();
  });
});
