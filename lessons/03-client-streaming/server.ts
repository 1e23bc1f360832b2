import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// `call` is a stream to read from; `callback` takes the one reply, as in lesson 1.
export const clientHello: HelloHandlers['clientHello'] = (call, callback) => {
  const request: HelloRequest__Output[] = [];

  // TODO 1 · Answer once the client has finished
  throw new Error('Step 1 is not written yet');

  call.on('data', (message: HelloRequest__Output) => {
    // TODO 2 · Keep each request
    throw new Error('Step 2 is not written yet');
  });
};

export const start = (address: string): Promise<Listening> => serve(Hello.service, { clientHello }, address);
