import { status, type handleUnaryCall } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { serveAll, type Served } from '../grpc/serve.ts';
import type { Ask, Question } from '../terminal/ask.ts';
import { closePeers, tracked } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signInDialogue } from './sign-in-dialogue.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;

afterEach(closePeers);

const phone = '+14155550123';

/** A person with these codes, and a server for which the code of `good` is right. */
const dialogue = async (codes: readonly string[]) => {
  const sent: string[] = [];
  const SendOTP: handleUnaryCall<{ phone_number: string }, object> = ({ request }, callback) => {
    sent.push(request.phone_number);
    callback(null, { success: true });
  };
  const SignIn: handleUnaryCall<{ phone_number: string; otp: string }, object> = ({ request }, callback) => {
    if (request.otp === 'full') return callback({ code: status.RESOURCE_EXHAUSTED, details: 'too many' });
    if (request.otp !== 'good') return callback({ code: status.UNAUTHENTICATED, details: 'wrong' });
    const user = { id: 'ada', phone_number: request.phone_number };
    callback(null, { access_token: 'a token', expires_in: { seconds: 60 }, user });
  };
  const services = [
    { service: AccountService.service, handlers: { SignIn } },
    { service: PhoneOTPService.service, handlers: { SendOTP } },
  ] as Served[];
  const { server, port } = await serveAll(services, '127.0.0.1:0');
  tracked(server);
  const asked: string[] = [];
  const ask: Ask<Record<'phone' | 'otp', Question>> = {
    one: async (key) => {
      asked.push(key);
      return phone;
    },
    each: async function* (key) {
      for (const code of codes) {
        asked.push(key);
        yield code;
      }
    },
  };
  const one = signInDialogue(`127.0.0.1:${port}`, ask);
  onTestFinished(() => one.close());
  return { ...one, asked, sent, printed: printing() };
};

describe('signing a person in', () => {
  it('asks for the phone number once, however often it signs in', async () => {
    const { signIn, asked, sent } = await dialogue(['good']);
    await signIn();
    await signIn();
    expect(sent).toEqual([phone, phone]);
    expect(asked).toEqual(['phone', 'otp', 'otp']);
  });

  it('counts as cancelled when the person gives up', async () => {
    const { signIn, ownId } = await dialogue(['bad']);
    await expect(signIn()).rejects.toMatchObject({
      code: status.CANCELLED,
      message: 'You have not signed in.',
      details: 'You have not signed in.',
    });
    expect(ownId()).toBe('');
  });

  it('ends with another refusal than that of a wrong code, and asks no more', async () => {
    const { signIn, asked } = await dialogue(['full', 'good']);
    await expect(signIn()).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'too many' });
    expect(asked).toEqual(['phone', 'otp']);
  });

  it('makes no call any more once it is closed', async () => {
    const { signIn, close } = await dialogue(['good']);
    await signIn();
    close();
    await expect(signIn()).rejects.toThrow('Channel has been shut down');
  });
});
