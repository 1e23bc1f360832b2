import { credentials, Metadata } from '@grpc/grpc-js';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { isServiceError } from '../grpc/service-error.ts';
import { explainStatus } from '../terminal/explain-status.ts';
import { reply } from '../grpc/unary-call.ts';
import { signIn } from './sign-in-dialogue.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { UserService } = loadProto<Users>('user_service.proto').user;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What nobody has signed, and says of itself that it needs no signature. */
const unsigned = `${part({ alg: 'none' })}.${part({ sub: '1', role: 'admin', exp: 9_999_999_999 })}.`;

/**
 * Knocks at a server's door in four ways that it should not open to, and prints what comes of each.
 *
 * @param address - host and port of the server
 */
export const tour = async (address: string): Promise<void> => {
  const account = new AccountService(address, credentials.createInsecure());
  // No interceptor: what goes out is what stands here.
  const users = new UserService(address, credentials.createInsecure());
  const get = (authorization?: string): Promise<unknown> => {
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set('authorization', authorization);
    return reply((options, done) => users.GetUser({ id: '1' }, metadata, options, done));
  };
  const knock = async (how: string, call: () => Promise<unknown>): Promise<void> => {
    try {
      await call();
      console.log(`${how}: let in!`);
    } catch (error) {
      if (!isServiceError(error)) throw error;
      console.log(`${how}: ${explainStatus(error, address)}`);
    }
  };
  try {
    await knock('no token', () => get());
    await knock('no scheme', () => get('let me in'));
    await knock('a token that nobody has signed', () => get(`Bearer ${unsigned}`));
    await knock('a code that was never sent', () => signIn(account, '+14155550199', '000000'));
    console.log('To sign in, run it in a terminal: the code comes to the server.');
  } finally {
    account.close();
    users.close();
  }
};
