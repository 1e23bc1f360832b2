import { credentials, Metadata, type requestCallback } from '@grpc/grpc-js';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { shows, type Asked } from '#shared/hops/demonstrations.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

// Asks for a user; `patience` is in milliseconds.
export const find = (
  stub: UserServiceClient,
  { id, requestId, patience, leaving }: Asked,
): Promise<User__Output> =>
  new Promise((resolve, reject) => {
    const done: requestCallback<User__Output> = (error, user) => (error ? reject(error) : resolve(user!));
    //#region Step 6 · Say who asks, how long you wait, and when you leave
    const metadata = new Metadata();
    metadata.set('x-request-id', requestId);
    const call = stub.GetUser({ id }, metadata, { deadline: Date.now() + patience }, done);
    if (leaving.aborted) call.cancel();
    leaving.addEventListener('abort', () => call.cancel());
    //#endregion
  });

export const questions = {
  show: { message: 'What would you like to see?', initial: 'leave', choices: Object.keys(shows) },
} satisfies Questions;

// From here on: what the client shows. There is nothing left for you to write.
export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const show = shows[await ask.one('show')]!;
  const stub = new UserService(address, credentials.createInsecure());
  try {
    await show((asked) => find(stub, asked));
  } finally {
    stub.close();
  }
};
