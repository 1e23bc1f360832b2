import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// How long you are willing to wait for an answer, in milliseconds.
const patience = 5_000;

// The stub is the guest's order form: one method for each line of the menu.
export const connect = (address: string): HelloClient => {
  // TODO 3 · Get a stub
  throw new Error('Step 3 is not written yet');
};

export const sayHello = (stub: HelloClient, request: HelloRequest): Promise<HelloReply__Output> =>
  new Promise((resolve, reject) => {
    // TODO 4 · Make the call, with a deadline
    throw new Error('Step 4 is not written yet');
  });

// Every call that fails brings a status: a code, and details in words. Here you may say more about it.
export const explain = (error: ServiceError, address: string): string | undefined => {
  // TODO 5 · Say so when nobody listens
  throw new Error('Step 5 is not written yet');
  return undefined;
};

export const questions = {
  greeting: { message: 'Which greeting?', initial: 'Hello' },
  name: { message: 'Whom do you greet?', initial: 'World', piped: true },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const request = { greeting: await ask.one('greeting'), name: await ask.one('name') };
  const stub = connect(address);
  try {
    const reply = await sayHello(stub, request);
    console.log(reply.message);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    console.error(`${status[error.code]}: ${error.details}`);
    console.error(explain(error, address) ?? '');
    process.exitCode = 1;
  } finally {
    stub.close();
  }
};
