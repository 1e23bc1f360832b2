import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// A handler is the cook for one line of the menu: it gets what the guest ordered in `call.request`,
// and serves by calling `callback(error, reply)`, once.
export const hello: HelloHandlers['hello'] = (call, callback) => {
  // TODO 1 · Answer the call
  throw new Error('Step 1 is not written yet');
};

type Handlers = Pick<HelloHandlers, 'hello'>;

// The workbook starts your server by calling this. A check may bring a handler of its own.
export const start = (address: string, handlers: Handlers = { hello }): Promise<Listening> =>
  new Promise((resolve, reject) => {
    // TODO 2 · Open the kitchen
    throw new Error('Step 2 is not written yet');
  });
