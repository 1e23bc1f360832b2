import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { jwtVerify, SignJWT } from 'jose';
import { liveChat } from '#answers/06-live-chat/server.ts';
import { users } from '#answers/07-users/server.ts';
import { phoneOtp } from '#answers/08-phone-otp/server.ts';
import type { GetUserRequest__Output } from '#protos/generated/user/GetUserRequest.ts';
import type { UpdateUserRequest__Output } from '#protos/generated/user/UpdateUserRequest.ts';
import { admin, anyone, isForAnyone, own, refusal, signedIn } from '#shared/access/access-table.ts';
import { noteCaller, type Caller } from '#shared/access/caller.ts';
import { afterwards, identified, refusable, type GuardParts } from '#shared/access/refusable-call.ts';
import { serveAccounts } from '#shared/access/serve-accounts.ts';
import type { SigningKeys } from '#shared/access/signing-keys.ts';
import { identityIn, remembering, type Identity } from '#shared/access/tokens.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { terminalSms } from '#shared/sms/sms-sender.ts';
import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

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

// Stands before every method, unary and streaming: grpc-js calls it at the beginning of each call.
export const guard =
  ({
    identify,
    rules = table,
    now = Date.now,
    later = afterwards,
    log = console.log,
  }: GuardParts): ServerInterceptor =>
  ({ path, requestStream, responseStream }, call) => {
    // `refuse` ends the call over the head of its handler. From then on, what the handler sends goes nowhere.
    const { refuse, isOver, end, sending } = refusable(call, path, log);
    let caller: Caller | undefined;
    let stopTimer = (): void => {};

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

    return new ServerInterceptingCall(call, {
      ...sending,
      start: (next) =>
        next({
          // Comes first. What is not passed on does not reach the handler.
          onReceiveMetadata: async (metadata, pass) => {
            if (!isForAnyone(rules, path)) {
              const identity = await identified(metadata, identify, refuse);
              if (!identity || isOver()) return;
              caller = identity.caller;
              noteCaller(metadata, caller);
              // The handler of such a call begins before there is a request.
              if (requestStream && !allowed()) return;
              if (requestStream || responseStream) endAt(identity.until);
            }
            pass(metadata);
          },
          // Comes with each request.
          onReceiveMessage: (message, pass) => {
            if (!isOver() && allowed(message)) pass(message);
          },
          // Comes once, when the call is over, however it has ended.
          onCancel: () => {
            end();
            stopTimer();
          },
        }),
    });
  };

export const settings = {
  db: { message: 'Which file keeps the accounts?', initial: '.workbook/accounts.db' },
  admin: { message: 'Whose phone numbers are those of admins? (with commas between)', initial: '' },
  life: { message: 'How long is a token good, in seconds?', initial: '600' },
  rotate: { message: 'Sign with a new key from now on? (yes or no)', initial: 'no' },
} satisfies Settings;

// Your services of lessons 6, 7 and 8, one more for signing in, and the guard before all of them.
export const start = (address: string, values: SettingValues<typeof settings>): Promise<Listening> =>
  serveAccounts(address, values, ({ keys, store, otpStore, otpKey }) => ({
    sign,
    otp: phoneOtp({ store: otpStore, key: otpKey, sender: terminalSms }),
    users: users(store),
    chat: liveChat(),
    // A signature is checked once, and not with each call that brings the same token.
    interceptors: [guard({ identify: remembering((token) => verify(keys, token, Date.now())) })],
  }));
