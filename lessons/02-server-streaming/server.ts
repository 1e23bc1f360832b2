import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** The pause between two replies, in milliseconds. */
const twoSeconds = 2_000;

// The pause is a parameter, so that a check need not wait for it.
export const parrotHello =
  (pause: number): HelloHandlers['parrotHello'] =>
  (call) => {
    const { greeting, name } = call.request;
    let timer: NodeJS.Timeout | undefined;

    const reply = (count: number): void => {
      // TODO 1 · Send one reply
      throw new Error('Step 1 is not written yet');

      if (count < 3) {
        // TODO 2 · Pause, then send the next
        throw new Error('Step 2 is not written yet');
      } else {
        // TODO 3 · End the stream
        throw new Error('Step 3 is not written yet');
      }
    };

    // Emitted when the client has cancelled or is lost; and, where it does no harm, after the end of every call.
    call.on('cancelled', () => {
      // TODO 4 · Stop for a client that has gone
      throw new Error('Step 4 is not written yet');
    });

    reply(1);
  };

export const start = (address: string, pause = twoSeconds): Promise<Listening> =>
  serve(Hello.service, { parrotHello: parrotHello(pause) }, address);
