import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { DelayedReply as _hello_DelayedReply, DelayedReply__Output as _hello_DelayedReply__Output } from './hello/DelayedReply.ts';
import type { HelloClient as _hello_HelloClient, HelloDefinition as _hello_HelloDefinition } from './hello/Hello.ts';
import type { HelloReply as _hello_HelloReply, HelloReply__Output as _hello_HelloReply__Output } from './hello/HelloReply.ts';
import type { HelloRequest as _hello_HelloRequest, HelloRequest__Output as _hello_HelloRequest__Output } from './hello/HelloRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  hello: {
    DelayedReply: MessageTypeDefinition<_hello_DelayedReply, _hello_DelayedReply__Output>
    Hello: SubtypeConstructor<typeof grpc.Client, _hello_HelloClient> & { service: _hello_HelloDefinition }
    HelloReply: MessageTypeDefinition<_hello_HelloReply, _hello_HelloReply__Output>
    HelloRequest: MessageTypeDefinition<_hello_HelloRequest, _hello_HelloRequest__Output>
  }
}

