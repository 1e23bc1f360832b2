import { once } from 'node:events';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageReply } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import { invalidArgument } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import { textProblem } from '#shared/grpc/text-limits.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

/** What a field may hold; its length in characters. */
const limits = { max: 4_000 };

// Looks for the first field that is empty or too long. Nothing that comes from a client can be taken on trust.
const problemOf = (message: MessageRequest__Output): { field: string; description: string } | undefined => {
  for (const field of ['user_from', 'chat_room', 'message'] as const) {
    const description = textProblem(message[field], limits);
    if (description !== undefined) return { field, description };
  }
  return undefined;
};

// Makes the handlers of one server. All its calls, from however many clients, share the one list `received`.
export const chat = (received: MessageReply[] = []): ChatServiceHandlers => ({
  SendAndReceiveMessage: (call) => {
    call.on('data', (message: MessageRequest__Output) => {
      const problem = problemOf(message);
      if (problem === undefined) {
        //#region Step 1 · Acknowledge each message
        received.push(message);
        call.write(message);
        //#endregion

        // A client that sends and does not read would have its acknowledgements pile up here. So do not read
        // from it either, until it has taken some of them.
        if (call.writableNeedDrain) {
          call.pause();
          call.once('drain', () => call.resume());
        }
      } else {
        //#region Step 2 · Refuse what is empty or too long
        call.emit('error', invalidArgument(problem.field, problem.description));
        // The client does not know yet: what it has sent meanwhile would still be read.
        call.pause();
        //#endregion
      }
    });

    call.on('end', () => call.end());
  },

  GetStats: (_call, callback) => {
    //#region Step 3 · Count what was received
    callback(null, { num_messages: received.length });
    //#endregion
  },

  GetMessages: async (call) => {
    //#region Step 4 · Stream the history
    // A copy: the history has an end, even while others go on talking.
    const history = [...received];
    for (const message of history) {
      // False means: enough for now. Wait until the client has taken some of it.
      if (!call.write(message)) await once(call, 'drain');
    }
    call.end();
    //#endregion
  },
});

export const start = (address: string): Promise<Listening> => serve(ChatService.service, chat(), address);
