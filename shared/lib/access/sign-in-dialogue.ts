import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { AccountServiceClient } from '#protos/generated/account/AccountService.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { isServiceError } from '../grpc/service-error.ts';
import type { Ask, Question } from '../terminal/ask.ts';
import { explainStatus } from '../terminal/explain-status.ts';
import { reply } from '../grpc/unary-call.ts';
import type { SignedIn } from './session.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;

/** @returns what the server answers to this code for this phone */
export const signIn = (
  stub: AccountServiceClient,
  phone_number: string,
  otp: string,
): Promise<SignInResponse__Output> =>
  reply((options, done) => stub.SignIn({ phone_number, otp }, options, done));

/** The person has given no code: for the call that waits for a token, the same as a cancelled one. */
const givenUp = (): ServiceError => {
  const details = 'You have not signed in.';
  return Object.assign(new Error(details), { code: status.CANCELLED, details, metadata: new Metadata() });
};

/** Signs a person in, again and again when it has to be. */
export interface SignInDialogue {
  /** Has a code sent, asks for it, and signs in with it. */
  signIn(): Promise<SignedIn>;
  /** The id of the user who has signed in last; empty before. */
  ownId(): string;
  close(): void;
}

/**
 * @param address - host and port of the server
 * @param ask - asks for the phone number, once, and for each code
 * @returns a dialogue. Its `signIn` is rejected with the status of a call; with CANCELLED when the person gives up
 */
export const signInDialogue = (
  address: string,
  ask: Ask<Record<'phone' | 'otp', Question>>,
): SignInDialogue => {
  const phones = new PhoneOTPService(address, credentials.createInsecure());
  const account = new AccountService(address, credentials.createInsecure());
  let phone: string | undefined;
  let ownId = '';
  return {
    signIn: async () => {
      phone ??= await ask.one('phone');
      const phone_number = phone;
      await reply((options, done) => phones.SendOTP({ phone_number }, options, done));
      console.log(`A code is on its way to ${phone_number}.`);
      for await (const otp of ask.each('otp')) {
        try {
          const { access_token, expires_in, user } = await signIn(account, phone_number, otp);
          ownId = user!.id;
          console.log(`You are signed in for ${expires_in!.seconds} seconds, as user ${ownId}.`);
          return { token: access_token, life: Number(expires_in!.seconds) * 1_000 };
        } catch (error) {
          if (!isServiceError(error) || error.code !== status.UNAUTHENTICATED) throw error;
          console.log(explainStatus(error, address));
        }
      }
      throw givenUp();
    },
    ownId: () => ownId,
    close: () => {
      phones.close();
      account.close();
    },
  };
};
