// Original file: protos/live_chat.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _livechat_Empty, Empty__Output as _livechat_Empty__Output } from '../livechat/Empty.ts';
import type { Message as _livechat_Message, Message__Output as _livechat_Message__Output } from '../livechat/Message.ts';

export interface ChatServiceClient extends grpc.Client {
  ReceiveMessage(argument: _livechat_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_livechat_Message__Output>;
  ReceiveMessage(argument: _livechat_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_livechat_Message__Output>;
  receiveMessage(argument: _livechat_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_livechat_Message__Output>;
  receiveMessage(argument: _livechat_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_livechat_Message__Output>;
  
  SendMessage(argument: _livechat_Message, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  SendMessage(argument: _livechat_Message, metadata: grpc.Metadata, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  SendMessage(argument: _livechat_Message, options: grpc.CallOptions, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  SendMessage(argument: _livechat_Message, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  sendMessage(argument: _livechat_Message, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  sendMessage(argument: _livechat_Message, metadata: grpc.Metadata, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  sendMessage(argument: _livechat_Message, options: grpc.CallOptions, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  sendMessage(argument: _livechat_Message, callback: grpc.requestCallback<_livechat_Message__Output>): grpc.ClientUnaryCall;
  
}

export interface ChatServiceHandlers extends grpc.UntypedServiceImplementation {
  ReceiveMessage: grpc.handleServerStreamingCall<_livechat_Empty__Output, _livechat_Message>;
  
  SendMessage: grpc.handleUnaryCall<_livechat_Message__Output, _livechat_Message>;
  
}

export interface ChatServiceDefinition extends grpc.ServiceDefinition {
  ReceiveMessage: MethodDefinition<_livechat_Empty, _livechat_Message, _livechat_Empty__Output, _livechat_Message__Output>
  SendMessage: MethodDefinition<_livechat_Message, _livechat_Message, _livechat_Message__Output, _livechat_Message__Output>
}
