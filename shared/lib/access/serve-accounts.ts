import { status, type ServerInterceptor } from '@grpc/grpc-js';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { AccountServiceHandlers } from '#protos/generated/account/AccountService.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { answerOf } from '../grpc/handler-call.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { serveAll, type Listening } from '../grpc/serve.ts';
import { readPhoneNumber } from '../sms/phone-number.ts';
import { callerOf, type Caller } from './caller.ts';
import { openAccounts, type OpenAccounts } from './account-files.ts';
import { readSettings } from './account-settings.ts';
import type { SigningKeys } from './signing-keys.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;
const { UserService } = loadProto<Users>('user_service.proto').user;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

/** Makes a token for a caller: `life` is in seconds, `now` in milliseconds. */
export type Sign = (keys: SigningKeys, caller: Caller, life: number, now: number) => Promise<string>;

/** Everything that a sign-in needs. */
export interface Desk {
  sign: Sign;
  /** The handler that compares a code. */
  verifyOtp: PhoneOTPServiceHandlers['VerifyOTP'];
  /** Finds the user who signs in with a phone, or makes one. */
  userOf: (phone: string) => User__Output;
  keys: SigningKeys;
  /** The phone numbers of admins, in E.164. */
  admins: ReadonlySet<string>;
  /** How long a token is good, in seconds. */
  life: number;
  /** The time, in milliseconds. */
  now?: () => number;
}

/**
 * @param desk - what a sign-in needs
 * @returns the handlers of the service that gives a token for the right code
 */
export const account = ({
  sign,
  verifyOtp,
  userOf,
  keys,
  admins,
  life,
  now = Date.now,
}: Desk): AccountServiceHandlers => ({
  SignIn: async (call, callback) => {
    // Lesson 8's own handler compares the code, with all its limits.
    const { reply, error } = await answerOf(verifyOtp, call);
    if (error) return callback(error);
    if (!reply.success) {
      return callback({ code: status.UNAUTHENTICATED, details: 'This code is wrong, or no longer good.' });
    }
    const phone = readPhoneNumber(call.request.phone_number)!;
    const user = userOf(phone);
    // The role comes from the phone that was shown, and from nothing that a caller can write.
    const caller: Caller = { id: user.id, phone, role: admins.has(phone) ? 'admin' : 'user' };
    const access_token = await sign(keys, caller, life, now());
    callback(null, { access_token, expires_in: { seconds: life, nanos: 0 }, user });
  },
});

/** Nobody speaks in another's name: whatever the request says, the name is that of the caller's own user. */
const inOwnName =
  (
    send: ChatServiceHandlers['SendMessage'],
    nameOf: (id: string) => string | undefined,
  ): ChatServiceHandlers['SendMessage'] =>
  (call, callback) => {
    call.request.user_name = nameOf(callerOf(call).id) ?? '';
    return send(call, callback);
  };

/** What a server with accounts is made of. */
export interface AccountParts {
  sign: Sign;
  otp: PhoneOTPServiceHandlers;
  users: UserServiceHandlers;
  chat: {
    handlers: Pick<ChatServiceHandlers, 'SendMessage' | 'ReceiveMessage'>;
    /** Ends the streams that are open. */
    stop(): void;
  };
  /** What stands before every method. */
  interceptors: ServerInterceptor[];
}

/**
 * Brings up a server with accounts: people sign in with a code for their phone, and use the other services with the
 * token that they get.
 *
 * @param address - host and port to listen on
 * @param values - the settings, as they were typed: `db` is the file of the database, the others see `readSettings`
 * @param partsFrom - makes the services of what the server keeps
 * @returns the server
 * @throws Error when a setting makes no sense; CannotOpenDatabase; or whatever `partsFrom` throws. Nothing is left open
 */
export const serveAccounts = async (
  address: string,
  values: { db: string; admin: string; life: string; rotate: string },
  partsFrom: (kept: OpenAccounts) => AccountParts,
): Promise<Listening> => {
  const { admins, life, rotate } = readSettings(values);
  const kept = openAccounts(values.db);
  const { keys, store, accounts, close } = kept;
  try {
    if (rotate) keys.rotate();
    const { sign, otp, users, chat, interceptors } = partsFrom(kept);
    const userOf = (phone: string): User__Output => accounts.userOf(phone);
    const desk = { sign, verifyOtp: otp.VerifyOTP, userOf, keys, admins, life };
    const { SendMessage, ReceiveMessage } = chat.handlers;
    const named = inOwnName(SendMessage, (id) => store.get(id)?.name);
    const listening = await serveAll(
      [
        { service: AccountService.service, handlers: account(desk) },
        { service: PhoneOTPService.service, handlers: otp },
        { service: UserService.service, handlers: users },
        { service: ChatService.service, handlers: { ReceiveMessage, SendMessage: named } },
      ],
      address,
      { interceptors },
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
