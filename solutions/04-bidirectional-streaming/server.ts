import { hello } from '#answers/01-unary-hello/server.ts';
import { parrotHello } from '#answers/02-server-streaming/server.ts';
import { clientHello } from '#answers/03-client-streaming/server.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** The pause between two replies of parrotHello, in milliseconds. */
const twoSeconds = 2_000;

// One `call` for both directions: you read requests from it and write replies to it.
export const biHello: HelloHandlers['biHello'] = (call) => {
  call.on('data', ({ greeting, name }: HelloRequest__Output) => {
    //#region Step 1 · Answer each request as it comes
    call.write({ message: `${greeting} ${name}` });
    //#endregion

    // Replies that the client does not read would pile up here. Lesson 5 tells more of this.
    if (call.writableNeedDrain) {
      call.pause();
      call.once('drain', () => call.resume());
    }
  });

  // The client has finished sending: its half of the stream is closed, yours is still open.
  call.on('end', () => {
    //#region Step 2 · Close your half too
    call.end();
    //#endregion
  });
};

type Handlers = Pick<HelloHandlers, 'biHello'>;

// The workbook starts your server by calling this. A check may bring a biHello of its own.
export const start = (address: string, handlers: Handlers = { biHello }): Promise<Listening> => {
  //#region Step 3 · Put the whole menu on one server
  return serve(
    Hello.service,
    { hello, parrotHello: parrotHello(twoSeconds), clientHello, biHello: handlers.biHello },
    address,
  );
  //#endregion
};
