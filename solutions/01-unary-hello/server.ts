import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// A handler is the cook for one line of the menu: it gets what the guest ordered in `call.request`,
// and serves by calling `callback(error, reply)`, once.
export const hello: HelloHandlers['hello'] = (call, callback) => {
  //#region Step 1 · Answer the call
  const { greeting, name } = call.request;
  callback(null, { message: `${greeting} ${name}` });
  //#endregion
};

type Handlers = Pick<HelloHandlers, 'hello'>;

// The workbook starts your server by calling this. A check may bring a handler of its own.
export const start = (address: string, handlers: Handlers = { hello }): Promise<Listening> =>
  new Promise((resolve, reject) => {
    //#region Step 2 · Open the kitchen
    const server = new Server();
    server.addService(Hello.service, handlers);
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      // A port that is already taken is told here, not thrown.
      if (error) reject(error);
      else resolve({ server, port });
    });
    //#endregion
  });
