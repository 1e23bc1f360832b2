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
  // TODO 1 · Make a fingerprint of a code
  throw new Error('Step 1 is not written yet');
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

    // TODO 2 · Say when it is too soon
    throw new Error('Step 2 is not written yet');

    // TODO 3 · Deliver a code
    throw new Error('Step 3 is not written yet');
  },

  VerifyOTP: (call, callback) => {
    const { phone_number, otp } = call.request;
    const number = readPhoneNumber(phone_number);
    if (number === undefined) return callback(notANumber());
    // What cannot be a code costs no try: it is a slip of the finger, and no guess.
    if (!/^[0-9]{6}$/.test(otp)) return callback(invalidArgument('otp', 'must be six digits'));

    // TODO 4 · Spend a try before you look
    throw new Error('Step 4 is not written yet');
  },
});

// Whether this is the code that is kept. If it is, it is used up now: whoever comes with it next hears false.
export const redeem = (
  { store, key }: Pick<Parts, 'store' | 'key'>,
  number: string,
  otp: string,
  kept: Buffer,
): boolean => {
  // TODO 5 · Compare in constant time, and take the code once
  throw new Error('Step 5 is not written yet');
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
