import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ChatServiceClient as _livechat_ChatServiceClient, ChatServiceDefinition as _livechat_ChatServiceDefinition } from './livechat/ChatService.ts';
import type { Empty as _livechat_Empty, Empty__Output as _livechat_Empty__Output } from './livechat/Empty.ts';
import type { Message as _livechat_Message, Message__Output as _livechat_Message__Output } from './livechat/Message.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  livechat: {
    ChatService: SubtypeConstructor<typeof grpc.Client, _livechat_ChatServiceClient> & { service: _livechat_ChatServiceDefinition }
    Empty: MessageTypeDefinition<_livechat_Empty, _livechat_Empty__Output>
    Message: MessageTypeDefinition<_livechat_Message, _livechat_Message__Output>
  }
}

