import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import { invalidArgument, tryAgainIn } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import { readPhoneNumber } from '#shared/sms/phone-number.ts';
import { terminalSms, type SmsSender } from '#shared/sms/sms-sender.ts';
import { openOtpStore, type OtpStore } from '#shared/storage/otp-store.ts';
import { secretKey } from '#shared/storage/secret-key.ts';
import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;

// All that the store gets to see of a code. Without the key it tells nothing.
export const fingerprint = (key: Buffer, number: string, code: string): Buffer => {
  //#region Step 1 · Make a fingerprint of a code
  // The number belongs to it: the same code for another phone has another fingerprint.
  return createHmac('sha256', key).update(`${number} ${code}`).digest();
  //#endregion
};

// Math.random() can be foretold by whoever has seen some of its numbers; this generator cannot.
export const sixDigits = (): string => String(randomInt(1_000_000)).padStart(6, '0');

// Everything that a check wants to bring itself: no check waits for a clock, or for luck.
interface Parts {
  store: OtpStore;
  key: Buffer;
  sender: SmsSender;
  generate?: () => string;
  now?: () => number;
}

const notANumber = () =>
  invalidArgument('phone_number', 'must be a phone number with its country code, such as +14155550123');

export const phoneOtp = ({
  store,
  key,
  sender,
  generate = sixDigits,
  now = Date.now,
}: Parts): PhoneOTPServiceHandlers => ({
  SendOTP: async (call, callback) => {
    const number = readPhoneNumber(call.request.phone_number);
    if (number === undefined) return callback(notANumber());

    //#region Step 2 · Say when it is too soon
    const wait = store.claimSend(number, now());
    if (wait > 0) {
      return callback(tryAgainIn(`too soon for another code: try again in ${wait} seconds`, wait));
    }
    //#endregion

    //#region Step 3 · Deliver a code
    const code = generate();
    const kept = fingerprint(key, number, code);
    store.keep(number, kept, now());
    try {
      await sender.send(number, `your code is ${code}`);
    } catch {
      // Nobody has this code, so nobody may use it. The send stays counted: failing is not free.
      store.withdraw(number, kept);
      return callback({ code: status.UNAVAILABLE, details: 'the SMS could not be sent' });
    }
    callback(null, { success: true });
    //#endregion
  },

  VerifyOTP: (call, callback) => {
    const { phone_number, otp } = call.request;
    const number = readPhoneNumber(phone_number);
    if (number === undefined) return callback(notANumber());
    // What cannot be a code costs no try: it is a slip of the finger, and no guess.
    if (!/^[0-9]{6}$/.test(otp)) return callback(invalidArgument('otp', 'must be six digits'));

    //#region Step 4 · Spend a try before you look
    const { wait, kept } = store.spendTry(number, now());
    if (wait > 0) {
      return callback(tryAgainIn(`too many wrong codes: try again in ${wait} seconds`, wait));
    }
    callback(null, { success: redeem({ store, key }, number, otp, kept) });
    //#endregion
  },
});

// Whether this is the code that is kept. If it is, it is used up now: whoever comes with it next hears false.
export const redeem = (
  { store, key }: Pick<Parts, 'store' | 'key'>,
  number: string,
  otp: string,
  kept: Buffer,
): boolean => {
  //#region Step 5 · Compare in constant time, and take the code once
  const right = timingSafeEqual(kept, fingerprint(key, number, otp));
  return right && store.take(number, kept);
  //#endregion
};

export const settings = {
  db: { message: 'In which file are codes and counters kept?', initial: '.workbook/otp.db' },
} satisfies Settings;

export const start = async (address: string, { db }: SettingValues<typeof settings>): Promise<Listening> => {
  const key = secretKey(db);
  const store = openOtpStore(db, key);
  const handlers = phoneOtp({ store, key, sender: terminalSms });
  return { ...(await serve(PhoneOTPService.service, handlers, address)), stop: store.close };
};
