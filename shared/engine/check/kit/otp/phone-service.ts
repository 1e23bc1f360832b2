/** The phone service of a lesson, with a clock, a generator of codes and a phone that belong to the check. */
import { inspect } from 'node:util';
import { Metadata, type CallOptions, type ClientUnaryCall, type requestCallback } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { readPhoneNumber } from '#shared/sms/phone-number.ts';
import type { SmsSender } from '#shared/sms/sms-sender.ts';
import { openOtpStore, type OtpStore } from '#shared/storage/otp-store.ts';
import { saidBeside, soon } from '../calls.ts';
import { CheckFailure } from '../check-failure.ts';
import { calling } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import type { Outcome } from './outcome.ts';
import { callKey, watched } from './watched-handler.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;

export const key = Buffer.alloc(32, 'a key of the checks');
export const ada = '+14155550123';
/** What the generator gives, one after the other. */
export const codes = ['012345', '271828', '314159', '161803'] as const;

/** What a lesson's server has to offer. */
interface Lesson {
  phoneOtp(parts: {
    store: OtpStore;
    key: Buffer;
    sender: SmsSender;
    generate?: (() => string) | undefined;
    now?: () => number;
  }): PhoneOTPServiceHandlers;
  fingerprint(key: Buffer, number: string, code: string): Buffer;
}

/** Makes a call, with the stub's method and the request that belongs to it. */
type Make = (...rest: [Metadata, CallOptions, requestCallback<{ success: boolean }>]) => ClientUnaryCall;

/** @returns a store in memory, which is closed after the check */
export const openedStore = (): OtpStore => {
  const store = openOtpStore(':memory:', key);
  onTestFinished(() => store.close());
  return store;
};

/**
 * Brings up a lesson's service.
 *
 * @param step - the step that is checked: errors of the steps behind it are left to their checks
 * @param own - parts that the check brings itself
 */
export const phoneService = async (
  { phoneOtp, fingerprint }: Lesson,
  step: number,
  own: Partial<Parameters<Lesson['phoneOtp']>[0]> = {},
) => {
  const store = own.store ?? openedStore();
  const clock = { now: Date.UTC(2030, 0, 1, 12) };
  const sms: string[] = [];
  let generated = 0;
  let reached = signal<Outcome>();
  let isPassed = false;
  let misTold: CheckFailure | undefined;
  /** The store goes by the right time, whatever it is told: that is judged in the checks of one step. */
  const timeFor = (method: string, judgedIn: number, at: unknown): number => {
    if (at !== clock.now && judgedIn === step) {
      misTold ??= new CheckFailure({
        expected: `store.${method} to be told the time of now()`,
        came: typeof at === 'number' ? 'another time' : typeof at,
        advice: 'now() is handed to you, as the store is: a check has a clock of its own.',
      });
    }
    return clock.now;
  };
  /** The store is told a number as it was read: in other words, its tries would be counted anew. */
  const hasRead = (number: string): void => {
    if (step !== 4 || number === readPhoneNumber(String(number))) return;
    misTold ??= new CheckFailure({
      expected: 'store.spendTry to be told the number as it was read',
      came: inspect(number),
      advice: 'This is the same number in other words: hand spendTry `number`, not what came.',
    });
  };
  const handlers = phoneOtp({
    key,
    now: () => clock.now,
    generate: () => {
      reached.send({ error: null, reply: { success: true }, beside: [], step });
      isPassed = true;
      return codes[generated++ % codes.length]!;
    },
    sender: { send: async (to, text) => void sms.push(`to ${to}: ${text}`) },
    ...own,
    store: {
      ...store,
      claimSend: (number, at) => store.claimSend(number, timeFor('claimSend', 2, at)),
      keep: (number, kept, at) => store.keep(number, kept, timeFor('keep', 3, at)),
      spendTry: (number, at) => {
        isPassed = true;
        hasRead(number);
        return store.spendTry(number, timeFor('spendTry', 4, at));
      },
    },
  });
  const slips = new Map<string, CheckFailure>();
  const onSlip = (call: string, failure: CheckFailure) => slips.set(call, failure);
  // Behind these steps, others go on in the same handler.
  const isForLater = (): boolean => isPassed && (step === 2 || step === 4);
  const stub = await calling(PhoneOTPService, {
    SendOTP: watched(handlers.SendOTP, onSlip, isForLater),
    VerifyOTP: watched(handlers.VerifyOTP, onSlip, isForLater),
  });
  let calls = 0;
  /** What its handler does wrong after its answer is done before the answer is here. */
  const outcomeOf = async (make: Make): Promise<Outcome> => {
    const id = String((calls += 1));
    const metadata = new Metadata();
    metadata.set(callKey, id);
    const outcome = await new Promise<Outcome>((resolve) => {
      const call = make(metadata, soon(), (error, reply) => resolve({ error, reply, beside, step }));
      const beside = saidBeside(call);
    });
    const slip = slips.get(id) ?? misTold;
    if (slip) throw slip;
    return outcome;
  };
  const send = (phone_number: string = ada): Promise<Outcome> =>
    outcomeOf((...rest) => stub.SendOTP({ phone_number }, ...rest));
  return {
    store,
    clock,
    /** The messages that the phone was sent, as `to NUMBER: TEXT`. */
    sms,
    /** Puts a code into the store, as a send would. */
    give: (code: string, number = ada) => store.keep(number, fingerprint(key, number, code), clock.now),
    /** Spends a try on this code. */
    isGood: (code: string, number = ada): boolean =>
      store.spendTry(number, clock.now).kept.equals(fingerprint(key, number, code)),
    send,
    /** Sends, and looks no further than to the making of a code. */
    sendUntilCode: (phone_number?: string): Promise<Outcome> => {
      reached = signal();
      return Promise.race([send(phone_number), reached.sent]);
    },
    verify: (otp: string, phone_number: string = ada) =>
      outcomeOf((...rest) => stub.VerifyOTP({ phone_number, otp }, ...rest)),
  };
};
