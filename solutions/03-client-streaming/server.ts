import { status } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** How much is kept of one client, in bytes: more would not fit into a reply, which clients take up to 4 MiB. */
const mostKept = 4 * 1_024 * 1_024;

// What a request takes in the reply: its two texts, and a little around them.
const bytesOf = ({ name, greeting }: HelloRequest__Output): number =>
  Buffer.byteLength(name) + Buffer.byteLength(greeting) + 16;

// `call` is a stream to read from; `callback` takes the one reply, as in lesson 1.
export const clientHello: HelloHandlers['clientHello'] = (call, callback) => {
  const request: HelloRequest__Output[] = [];
  let bytes = 0;

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

    // A client that never finishes would fill the server's memory. After this, nothing of it is read any more.
    bytes += bytesOf(message);
    if (bytes > mostKept) {
      callback({ code: status.RESOURCE_EXHAUSTED, details: 'This is more than fits into one reply.' });
      call.destroy();
    }
  });
};

export const start = (address: string): Promise<Listening> => serve(Hello.service, { clientHello }, address);
