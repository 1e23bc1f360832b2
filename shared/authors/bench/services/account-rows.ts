import { Metadata } from '@grpc/grpc-js';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { repeat, type Effort, type Sample } from '../sample.ts';
import { insecure, ownConnection, reply, type Row } from './load.ts';
import { knownKey } from './server-process.ts';

const { UserService } = loadProto<Users>('user_service.proto').user;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;

export const users = (
  title: string,
  inFlight: number,
  work: (stub: InstanceType<typeof UserService>) => Promise<() => Promise<unknown>>,
): Row => ({
  title,
  service: 'users',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  prepare: async (address) => {
    const stub = new UserService(address, insecure, ownConnection);
    const one = await work(stub);
    return { round: (effort) => repeat(one, effort, inFlight), close: () => stub.close() };
  },
});

let made = 0;
export const createUser = (stub: InstanceType<typeof UserService>) => {
  made += 1;
  const user = { name: 'Ada Lovelace', email: `ada.${made}@example.com`, phone_number: '+14155550123' };
  return reply<{ id: string }>((done) => stub.CreateUser({ user }, done as never));
};

const token = async (): Promise<string> => {
  process.env.TOKEN_KEYS = knownKey;
  const [{ SigningKeys }, { sign }] = await Promise.all([
    import('#shared/access/signing-keys.ts'),
    import('#answers/09-access-control/server.ts'),
  ]);
  const ada = { id: 'ada', phone: '+14155550123', role: 'user' } as const;
  return sign(new SigningKeys(':memory:'), ada, 3_600, Date.now());
};

/** What the interceptor costs: verifying a token and a look at the table, beside the same handler with neither. */
export const access: Row = {
  title: 'access control: get, 100 in flight',
  service: 'access',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  target: 0.85,
  prepare: async (address) => {
    const stub = new UserService(address, insecure, ownConnection);
    const metadata = new Metadata();
    // The bare server gets it too, and does not look: what differs is the interceptor alone.
    metadata.set('authorization', `Bearer ${await token()}`);
    const get = () => reply((done) => stub.GetUser({ id: 'ada' }, metadata, done));
    return { round: (effort) => repeat(get, effort, 100), close: () => stub.close() };
  },
};

let numbers = 0;
/** A telephone number that nobody has been asked for yet; all of them are well formed. */
export const nextNumber = (): string => {
  numbers += 1;
  return `+1415${String(2_010_000 + numbers).padStart(7, '0')}`;
};

export const phoneOtp = (
  title: string,
  round: (stub: InstanceType<typeof PhoneOTPService>, effort: Effort) => Promise<Sample>,
): Row => ({
  title,
  service: 'phone-otp',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  prepare: async (address) => {
    const stub = new PhoneOTPService(address, insecure, ownConnection);
    return { round: (effort) => round(stub, effort), close: () => stub.close() };
  },
});

export const sendOtp = (stub: InstanceType<typeof PhoneOTPService>, phone_number: string) =>
  reply((done) => stub.SendOTP({ phone_number }, done));
