// Original file: protos/chat.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { EmptyRequest as _chat_EmptyRequest, EmptyRequest__Output as _chat_EmptyRequest__Output } from '../chat/EmptyRequest.ts';
import type { MessageReply as _chat_MessageReply, MessageReply__Output as _chat_MessageReply__Output } from '../chat/MessageReply.ts';
import type { MessageRequest as _chat_MessageRequest, MessageRequest__Output as _chat_MessageRequest__Output } from '../chat/MessageRequest.ts';
import type { StatsReply as _chat_StatsReply, StatsReply__Output as _chat_StatsReply__Output } from '../chat/StatsReply.ts';

export interface ChatServiceClient extends grpc.Client {
  GetMessages(argument: _chat_EmptyRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_chat_MessageReply__Output>;
  GetMessages(argument: _chat_EmptyRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_chat_MessageReply__Output>;
  getMessages(argument: _chat_EmptyRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_chat_MessageReply__Output>;
  getMessages(argument: _chat_EmptyRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_chat_MessageReply__Output>;
  
  GetStats(argument: _chat_EmptyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  GetStats(argument: _chat_EmptyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  GetStats(argument: _chat_EmptyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  GetStats(argument: _chat_EmptyRequest, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  getStats(argument: _chat_EmptyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  getStats(argument: _chat_EmptyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  getStats(argument: _chat_EmptyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  getStats(argument: _chat_EmptyRequest, callback: grpc.requestCallback<_chat_StatsReply__Output>): grpc.ClientUnaryCall;
  
  SendAndReceiveMessage(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_chat_MessageRequest, _chat_MessageReply__Output>;
  SendAndReceiveMessage(options?: grpc.CallOptions): grpc.ClientDuplexStream<_chat_MessageRequest, _chat_MessageReply__Output>;
  sendAndReceiveMessage(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_chat_MessageRequest, _chat_MessageReply__Output>;
  sendAndReceiveMessage(options?: grpc.CallOptions): grpc.ClientDuplexStream<_chat_MessageRequest, _chat_MessageReply__Output>;
  
}

export interface ChatServiceHandlers extends grpc.UntypedServiceImplementation {
  GetMessages: grpc.handleServerStreamingCall<_chat_EmptyRequest__Output, _chat_MessageReply>;
  
  GetStats: grpc.handleUnaryCall<_chat_EmptyRequest__Output, _chat_StatsReply>;
  
  SendAndReceiveMessage: grpc.handleBidiStreamingCall<_chat_MessageRequest__Output, _chat_MessageReply>;
  
}

export interface ChatServiceDefinition extends grpc.ServiceDefinition {
  GetMessages: MethodDefinition<_chat_EmptyRequest, _chat_MessageReply, _chat_EmptyRequest__Output, _chat_MessageReply__Output>
  GetStats: MethodDefinition<_chat_EmptyRequest, _chat_StatsReply, _chat_EmptyRequest__Output, _chat_StatsReply__Output>
  SendAndReceiveMessage: MethodDefinition<_chat_MessageRequest, _chat_MessageReply, _chat_MessageRequest__Output, _chat_MessageReply__Output>
}
