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
        // TODO 1 · Acknowledge each message
        throw new Error('Step 1 is not written yet');

        // A client that sends and does not read would have its acknowledgements pile up here. So do not read
        // from it either, until it has taken some of them.
        if (call.writableNeedDrain) {
          call.pause();
          call.once('drain', () => call.resume());
        }
      } else {
        // TODO 2 · Refuse what is empty or too long
        throw new Error('Step 2 is not written yet');
      }
    });

    call.on('end', () => call.end());
  },

  GetStats: (_call, callback) => {
    // TODO 3 · Count what was received
    throw new Error('Step 3 is not written yet');
  },

  GetMessages: async (call) => {
    // TODO 4 · Stream the history
    throw new Error('Step 4 is not written yet');
  },
});

export const start = (address: string): Promise<Listening> => serve(ChatService.service, chat(), address);
