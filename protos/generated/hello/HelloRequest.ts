// Original file: protos/hello.proto


export interface HelloRequest {
  'name'?: (string);
  'greeting'?: (string);
}

export interface HelloRequest__Output {
  'name': (string);
  'greeting': (string);
}
