import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// `call` is a stream to read from; `callback` takes the one reply, as in lesson 1.
export const clientHello: HelloHandlers['clientHello'] = (call, callback) => {
  const request: HelloRequest__Output[] = [];

  //#region Step 1 · Answer once the client has finished
  call.on('end', () => {
    const message = `You have sent ${request.length} messages. Please expect a delayed response.`;
    callback(null, { message, request });
  });
  //#endregion

  call.on('data', (message: HelloRequest__Output) => {
    //#region Step 2 · Keep each request
    request.push(message);
    //#endregion
  });
};

export const start = (address: string): Promise<Listening> => serve(Hello.service, { clientHello }, address);
