import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { sayHello } from '#answers/01-unary-hello/client.ts';
import { listen } from '#answers/02-server-streaming/client.ts';
import { call as clientHello, questions as greetings, send } from '#answers/03-client-streaming/client.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

type Conversation = ClientDuplexStream<HelloRequest, HelloReply__Output>;

// Hands each message to `onMessage` as it comes, and returns when the server has closed its half.
export const receive = async (
  conversation: Conversation,
  onMessage: (message: string) => void,
): Promise<void> => {
  // TODO 4 · Read until the server has finished
  throw new Error('Step 4 is not written yet');
};

export const converse = async (
  stub: HelloClient,
  greeting: string,
  names: AsyncIterable<string>,
  onMessage: (message: string) => void,
): Promise<void> => {
  const conversation = stub.biHello();
  // TODO 5 · Send and receive at the same time
  throw new Error('Step 5 is not written yet');
};

export const questions = {
  call: {
    message: 'Which rpc would you like to make',
    initial: 'biHello',
    choices: ['hello', 'parrotHello', 'clientHello', 'biHello'],
  },
  ...greetings,
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const call = await ask.one('call');
  const greeting = await ask.one('greeting');
  const stub = new Hello(address, credentials.createInsecure());
  try {
    if (call === 'hello') {
      console.log(
        (await sayHello(stub, { greeting, name: await ask.one('name', 'Whom do you greet?') })).message,
      );
    } else if (call === 'parrotHello') {
      await listen(stub, { greeting, name: await ask.one('name', 'Whom do you greet?') }, 3, console.log);
    } else if (call === 'clientHello') {
      console.log((await clientHello(stub, greeting, ask.each('name'))).message);
    } else {
      await converse(stub, greeting, ask.each('name'), console.log);
    }
  } finally {
    stub.close();
  }
};
