import { credentials, type ClientWritableStream, type requestCallback } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { DelayedReply__Output } from '#protos/generated/hello/DelayedReply.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

type Requests = ClientWritableStream<HelloRequest>;

// Returns the stream that takes your requests. The one reply comes to `done`, when the server likes.
export const open = (stub: HelloClient, done: requestCallback<DelayedReply__Output>): Requests => {
  // TODO 3 · Open the call
  throw new Error('Step 3 is not written yet');
};

export const send = async (
  requests: Requests,
  greeting: string,
  names: AsyncIterable<string>,
): Promise<void> => {
  for await (const name of names) {
    // TODO 4 · Send a request for each name
    throw new Error('Step 4 is not written yet');
  }
  // TODO 5 · Say that you have finished
  throw new Error('Step 5 is not written yet');
};

export const call = (
  stub: HelloClient,
  greeting: string,
  names: AsyncIterable<string>,
): Promise<DelayedReply__Output> =>
  new Promise((resolve, reject) => {
    const requests = open(stub, (error, reply) => (reply ? resolve(reply) : reject(error)));
    send(requests, greeting, names).catch(reject);
  });

export const questions = {
  greeting: { message: 'Which greeting?', initial: 'Hello' },
  name: {
    message: 'Please enter a name (or nothing to stop chatting)',
    initial: ['World', 'gRPC', 'Node'],
    piped: true,
  },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const greeting = await ask.one('greeting');
  const stub = new Hello(address, credentials.createInsecure());
  try {
    const { message, request } = await call(stub, greeting, ask.each('name'));
    console.log(message);
    for (const each of request) console.log(`  ${each.greeting} ${each.name}`);
  } finally {
    stub.close();
  }
};
