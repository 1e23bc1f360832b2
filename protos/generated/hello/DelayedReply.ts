// Original file: protos/hello.proto

import type { HelloRequest as _hello_HelloRequest, HelloRequest__Output as _hello_HelloRequest__Output } from '../hello/HelloRequest.ts';

export interface DelayedReply {
  'message'?: (string);
  'request'?: (_hello_HelloRequest)[];
}

export interface DelayedReply__Output {
  'message': (string);
  'request': (_hello_HelloRequest__Output)[];
}
