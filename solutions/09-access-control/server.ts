import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { jwtVerify, SignJWT } from 'jose';
import { liveChat } from '#answers/06-live-chat/server.ts';
import { users } from '#answers/07-users/server.ts';
import { phoneOtp } from '#answers/08-phone-otp/server.ts';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { AccountServiceHandlers } from '#protos/generated/account/AccountService.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import type { GetUserRequest__Output } from '#protos/generated/user/GetUserRequest.ts';
import type { UpdateUserRequest__Output } from '#protos/generated/user/UpdateUserRequest.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { admin, anyone, isForAnyone, own, refusal, signedIn } from '#shared/access/access-table.ts';
import { openAccounts } from '#shared/access/open-accounts.ts';
import { callerOf, noteCaller, type Caller } from '#shared/access/caller.ts';
import { readSettings } from '#shared/access/settings.ts';
import type { SigningKeys } from '#shared/access/signing-keys.ts';
import {
  bearerToken,
  identityIn,
  remembering,
  type Identify,
  whyNotIdentified,
  type Identity,
} from '#shared/access/tokens.ts';
import { answerOf } from '#shared/grpc/answer-of.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll, type Listening } from '#shared/grpc/serve.ts';
import { readPhoneNumber } from '#shared/sms/phone-number.ts';
import { terminalSms } from '#shared/sms/sms-sender.ts';
import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;
const { UserService } = loadProto<Users>('user_service.proto').user;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

// Who has signed a token and for whom, what kind it is, and how it is signed: written by `sign`, demanded by `verify`.
export const issuer = 'grpc-workbook';
export const audience = 'grpc-workbook/accounts';
export const typ = 'at+jwt';
export const alg = 'EdDSA';

// `life` is in seconds, `now` in milliseconds.
export const sign = async (keys: SigningKeys, caller: Caller, life: number, now: number): Promise<string> => {
  //#region Step 1 · Sign a token
  const { kid, privateKey } = keys.newest;
  const seconds = Math.floor(now / 1_000);
  return new SignJWT({ phone_number: caller.phone, role: caller.role })
    .setProtectedHeader({ alg, typ, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(caller.id)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + life)
    .sign(privateKey);
  //#endregion
};

export const verify = async (keys: SigningKeys, token: string, now: number): Promise<Identity> => {
  //#region Step 2 · Verify a token
  const { payload } = await jwtVerify(token, keys.keyFor, {
    // What the token says about its own signature is a wish of whoever wrote it. These are the server's.
    algorithms: [alg],
    typ,
    issuer,
    audience,
    requiredClaims: ['exp', 'nbf'],
    currentDate: new Date(now),
  });
  return identityIn(payload);
  //#endregion
};

// Who may do what. A method that is not here is for nobody: CreateUser, because signing in makes users; VerifyOTP,
// because SignIn does its work.
export const table = {
  '/phoneotp.PhoneOTPService/SendOTP': anyone,
  '/account.AccountService/SignIn': anyone,
  '/user.UserService/GetUser': own(({ id }: GetUserRequest__Output) => id),
  '/user.UserService/UpdateUser': own(({ user }: UpdateUserRequest__Output) => user?.id),
  '/user.UserService/DeleteUser': admin,
  '/user.UserService/ListUsers': admin,
  '/livechat.ChatService/SendMessage': signedIn,
  '/livechat.ChatService/ReceiveMessage': signedIn,
};

// All that a caller gets to know. Why, is for the log.
const words = {
  [status.UNAUTHENTICATED]: 'This call needs a token that is good. Sign in.',
  [status.PERMISSION_DENIED]: 'You may not do this.',
};

const afterwards = (run: () => void, milliseconds: number): (() => void) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

// What a check may bring itself: how a token is checked, the table, the clock, and where the log goes.
interface Parts {
  identify: Identify;
  rules?: Parameters<typeof refusal>[0];
  now?: () => number;
  later?: typeof afterwards;
  log?: (line: string) => void;
}

// Stands before every method, unary and streaming. grpc-js calls it at the beginning of each call.
export const guard =
  ({
    identify,
    rules = table,
    now = Date.now,
    later = afterwards,
    log = console.log,
  }: Parts): ServerInterceptor =>
  ({ path, requestStream, responseStream }, call) => {
    let caller: Caller | undefined;
    let over = false;
    let stopTimer = (): void => {};

    // Ends the call over the head of its handler.
    const refuse = (code: keyof typeof words, why: string): void => {
      over = true;
      log(`refused ${path}: ${why}`);
      call.sendStatus({ code, details: words[code] });
    };

    const allowed = (request?: unknown): boolean => {
      //#region Step 3 · Ask the table
      const why = refusal(rules, path, caller, request);
      if (why !== undefined) refuse(status.PERMISSION_DENIED, why);
      return why === undefined;
      //#endregion
    };

    const endAt = (until: number): void => {
      //#region Step 4 · End a stream when its token runs out
      stopTimer = later(() => refuse(status.UNAUTHENTICATED, 'the token has run out'), until - now());
      //#endregion
    };

    // What goes to the handler passes `start`; what comes from it, the other three. Whatever is not passed on with
    // `next` does not arrive.
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: async (metadata, pass) => {
            if (!isForAnyone(rules, path)) {
              let identity: Identity;
              try {
                const found = identify(bearerToken(metadata));
                // A token that has come before is known at once, and most have.
                identity = found instanceof Promise ? await found : found;
              } catch (error) {
                const why = whyNotIdentified(error);
                if (why === undefined) throw error;
                refuse(status.UNAUTHENTICATED, why);
                return;
              }
              if (over) return;
              caller = identity.caller;
              noteCaller(metadata, caller);
              // The handler of such a call begins before there is a request.
              if (requestStream && !allowed()) return;
              if (requestStream || responseStream) endAt(identity.until);
            }
            pass(metadata);
          },
          onReceiveMessage: (message, pass) => {
            if (!over && allowed(message)) pass(message);
          },
          // Comes once for each call, however it has ended.
          onCancel: () => {
            over = true;
            stopTimer();
          },
        }),
      sendMetadata: (metadata, next) => void (over || next(metadata)),
      sendMessage: (message, next) => void (over || next(message)),
      sendStatus: (ended, next) => void (over || next(ended)),
    });
  };

// Everything that a sign-in needs: what it asks, what it gives, and for how long, in seconds.
interface Desk {
  verifyOtp: PhoneOTPServiceHandlers['VerifyOTP'];
  userOf: (phone: string) => User__Output;
  keys: SigningKeys;
  admins: ReadonlySet<string>;
  life: number;
  now?: () => number;
}

export const account = (desk: Desk): AccountServiceHandlers => ({
  SignIn: async (call, callback) => {
    // Lesson 8's own handler compares the code, with all its limits.
    const { reply, error } = await answerOf(desk.verifyOtp, call);
    if (error) return callback(error);
    if (!reply.success) {
      return callback({ code: status.UNAUTHENTICATED, details: 'This code is wrong, or no longer good.' });
    }
    const phone = readPhoneNumber(call.request.phone_number)!;
    const user = desk.userOf(phone);
    // The role comes from the phone that was shown, and from nothing that a caller can write.
    const caller: Caller = { id: user.id, phone, role: desk.admins.has(phone) ? 'admin' : 'user' };
    const access_token = await sign(desk.keys, caller, desk.life, (desk.now ?? Date.now)());
    callback(null, { access_token, expires_in: { seconds: desk.life, nanos: 0 }, user });
  },
});

// Nobody speaks in another's name: whatever the request says, the name is that of the caller's own user.
export const inOwnName =
  (
    send: ChatServiceHandlers['SendMessage'],
    nameOf: (id: string) => string | undefined,
  ): ChatServiceHandlers['SendMessage'] =>
  (call, callback) => {
    call.request.user_name = nameOf(callerOf(call).id) ?? '';
    return send(call, callback);
  };

export const settings = {
  db: { message: 'Which file keeps the accounts?', initial: '.workbook/accounts.db' },
  admin: { message: 'Whose phone numbers are those of admins? (with commas between)', initial: '' },
  life: { message: 'How long is a token good, in seconds?', initial: '600' },
  rotate: { message: 'Sign with a new key from now on? (yes or no)', initial: 'no' },
} satisfies Settings;

export const start = async (address: string, values: SettingValues<typeof settings>): Promise<Listening> => {
  const { admins, life, rotate } = readSettings(values);
  const { keys, otpKey, otpStore, store, accounts, close } = openAccounts(values.db);
  try {
    if (rotate) keys.rotate();
    const chat = liveChat();
    const otp = phoneOtp({ store: otpStore, key: otpKey, sender: terminalSms });
    const desk = {
      verifyOtp: otp.VerifyOTP,
      userOf: (phone: string) => accounts.userOf(phone),
      keys,
      admins,
      life,
    };
    const identify = remembering((token) => verify(keys, token, Date.now()));
    const { SendMessage, ReceiveMessage } = chat.handlers;
    const listening = await serveAll(
      [
        { service: AccountService.service, handlers: account(desk) },
        { service: PhoneOTPService.service, handlers: otp },
        { service: UserService.service, handlers: users(store) },
        {
          service: ChatService.service,
          handlers: { ReceiveMessage, SendMessage: inOwnName(SendMessage, (id) => store.get(id)?.name) },
        },
      ],
      address,
      { interceptors: [guard({ identify })] },
    );
    return {
      ...listening,
      stop: () => {
        chat.stop();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
};
