import { credentials } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// Three replies with two pauses take four seconds. A client that waits longer than this waits for nothing.
const patience = 15_000;

// Hands each message to `onMessage` as it comes, and leaves after `enough` of them.
export const listen = async (
  stub: HelloClient,
  request: HelloRequest,
  enough: number,
  onMessage: (message: string) => void,
): Promise<void> => {
  const call = stub.parrotHello(request, { deadline: Date.now() + patience });
  let heard = 0;

  // TODO 5 · Read the replies as they come
  throw new Error('Step 5 is not written yet');

  // TODO 6 · Tell the server that you have heard enough
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  greeting: { message: 'Which greeting?', initial: 'Hello' },
  name: { message: 'Whom do you greet?', initial: 'World', piped: true },
  enough: { message: 'How many replies are enough?', initial: '3', choices: ['1', '2', '3'] },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const request = { greeting: await ask.one('greeting'), name: await ask.one('name') };
  const enough = Number(await ask.one('enough'));
  const stub = new Hello(address, credentials.createInsecure());
  try {
    await listen(stub, request, enough, console.log);
  } finally {
    stub.close();
  }
};
