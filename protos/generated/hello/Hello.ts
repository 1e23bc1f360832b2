// Original file: protos/hello.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DelayedReply as _hello_DelayedReply, DelayedReply__Output as _hello_DelayedReply__Output } from '../hello/DelayedReply.ts';
import type { HelloReply as _hello_HelloReply, HelloReply__Output as _hello_HelloReply__Output } from '../hello/HelloReply.ts';
import type { HelloRequest as _hello_HelloRequest, HelloRequest__Output as _hello_HelloRequest__Output } from '../hello/HelloRequest.ts';

export interface HelloClient extends grpc.Client {
  biHello(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_hello_HelloRequest, _hello_HelloReply__Output>;
  biHello(options?: grpc.CallOptions): grpc.ClientDuplexStream<_hello_HelloRequest, _hello_HelloReply__Output>;
  
  clientHello(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hello_DelayedReply__Output>): grpc.ClientWritableStream<_hello_HelloRequest>;
  clientHello(metadata: grpc.Metadata, callback: grpc.requestCallback<_hello_DelayedReply__Output>): grpc.ClientWritableStream<_hello_HelloRequest>;
  clientHello(options: grpc.CallOptions, callback: grpc.requestCallback<_hello_DelayedReply__Output>): grpc.ClientWritableStream<_hello_HelloRequest>;
  clientHello(callback: grpc.requestCallback<_hello_DelayedReply__Output>): grpc.ClientWritableStream<_hello_HelloRequest>;
  
  hello(argument: _hello_HelloRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hello_HelloReply__Output>): grpc.ClientUnaryCall;
  hello(argument: _hello_HelloRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hello_HelloReply__Output>): grpc.ClientUnaryCall;
  hello(argument: _hello_HelloRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hello_HelloReply__Output>): grpc.ClientUnaryCall;
  hello(argument: _hello_HelloRequest, callback: grpc.requestCallback<_hello_HelloReply__Output>): grpc.ClientUnaryCall;
  
  parrotHello(argument: _hello_HelloRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_hello_HelloReply__Output>;
  parrotHello(argument: _hello_HelloRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_hello_HelloReply__Output>;
  
}

export interface HelloHandlers extends grpc.UntypedServiceImplementation {
  biHello: grpc.handleBidiStreamingCall<_hello_HelloRequest__Output, _hello_HelloReply>;
  
  clientHello: grpc.handleClientStreamingCall<_hello_HelloRequest__Output, _hello_DelayedReply>;
  
  hello: grpc.handleUnaryCall<_hello_HelloRequest__Output, _hello_HelloReply>;
  
  parrotHello: grpc.handleServerStreamingCall<_hello_HelloRequest__Output, _hello_HelloReply>;
  
}

export interface HelloDefinition extends grpc.ServiceDefinition {
  biHello: MethodDefinition<_hello_HelloRequest, _hello_HelloReply, _hello_HelloRequest__Output, _hello_HelloReply__Output>
  clientHello: MethodDefinition<_hello_HelloRequest, _hello_DelayedReply, _hello_HelloRequest__Output, _hello_DelayedReply__Output>
  hello: MethodDefinition<_hello_HelloRequest, _hello_HelloReply, _hello_HelloRequest__Output, _hello_HelloReply__Output>
  parrotHello: MethodDefinition<_hello_HelloRequest, _hello_HelloReply, _hello_HelloRequest__Output, _hello_HelloReply__Output>
}
