import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ChatServiceClient as _chat_ChatServiceClient, ChatServiceDefinition as _chat_ChatServiceDefinition } from './chat/ChatService.ts';
import type { EmptyRequest as _chat_EmptyRequest, EmptyRequest__Output as _chat_EmptyRequest__Output } from './chat/EmptyRequest.ts';
import type { MessageReply as _chat_MessageReply, MessageReply__Output as _chat_MessageReply__Output } from './chat/MessageReply.ts';
import type { MessageRequest as _chat_MessageRequest, MessageRequest__Output as _chat_MessageRequest__Output } from './chat/MessageRequest.ts';
import type { StatsReply as _chat_StatsReply, StatsReply__Output as _chat_StatsReply__Output } from './chat/StatsReply.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  chat: {
    ChatService: SubtypeConstructor<typeof grpc.Client, _chat_ChatServiceClient> & { service: _chat_ChatServiceDefinition }
    EmptyRequest: MessageTypeDefinition<_chat_EmptyRequest, _chat_EmptyRequest__Output>
    MessageReply: MessageTypeDefinition<_chat_MessageReply, _chat_MessageReply__Output>
    MessageRequest: MessageTypeDefinition<_chat_MessageRequest, _chat_MessageRequest__Output>
    StatsReply: MessageTypeDefinition<_chat_StatsReply, _chat_StatsReply__Output>
  }
}

