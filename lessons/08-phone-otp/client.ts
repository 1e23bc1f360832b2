import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceClient } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;

// How long you are willing to wait for an answer, in milliseconds.
const soon = () => ({ deadline: Date.now() + 10_000 });

export const sendOtp = (stub: PhoneOTPServiceClient, phone_number: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stub.SendOTP({ phone_number }, soon(), (error) => (error ? reject(error) : resolve()));
  });

export const verifyOtp = (stub: PhoneOTPServiceClient, phone_number: string, otp: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    stub.VerifyOTP({ phone_number, otp }, soon(), (error, reply) =>
      reply ? resolve(reply.success) : reject(error),
    );
  });

// When the server will take a call like this again, in milliseconds; undefined when it does not say.
export const retryAt = (error: ServiceError, now: number): number | undefined => {
  // TODO 6 · Know when to try again
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  call: { message: 'What would you like to do', initial: 'both', choices: ['both', 'SendOTP', 'VerifyOTP'] },
  phone: { message: 'Which phone number?', initial: '+14155550123' },
  otp: { message: 'Which code has come (or nothing to stop)?', initial: '000000', piped: true },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const call = await ask.one('call');
  const phone = await ask.one('phone');
  const stub = new PhoneOTPService(address, credentials.createInsecure());
  try {
    if (call !== 'VerifyOTP') {
      await sendOtp(stub, phone);
      console.log(`A code is on its way to ${phone}.`);
    }
    if (call === 'SendOTP') return;
    for await (const otp of ask.each('otp')) {
      // A slip of the finger: the server would answer INVALID_ARGUMENT.
      if (!/^[0-9]{6}$/.test(otp)) console.log('A code has six digits.');
      else if (await verifyOtp(stub, phone, otp)) return console.log('success: true. The phone is yours.');
      else console.log('success: false. This code is wrong, or no longer good.');
    }
  } catch (error) {
    if (!isServiceError(error) || error.code !== status.RESOURCE_EXHAUSTED) throw error;
    const at = retryAt(error, Date.now());
    const when = at === undefined ? '' : ` (at ${new Date(at).toLocaleTimeString()})`;
    console.error(`${status[error.code]}: ${error.details}${when}`);
    process.exitCode = 1;
  } finally {
    stub.close();
  }
};
