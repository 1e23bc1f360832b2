import { describe, expect, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from './load-proto.ts';

const { Hello, HelloRequest, HelloReply, DelayedReply } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** What another language's client relies on: names, numbers, types. */
const fields = (message: { type: object }): unknown[] =>
  (
    message.type as {
      field: { name: string; number: number; type: string; label: string; typeName: string }[];
    }
  ).field.map(({ name, number, type, label, typeName }) => [number, name, typeName || type, label]);

describe('the contract of hello', () => {
  it('has the paths and the kinds of call that other clients use', () => {
    const methods = Object.values(Hello.service).map(({ path, requestStream, responseStream }) => [
      path,
      requestStream,
      responseStream,
    ]);
    expect(methods).toEqual([
      ['/hello.Hello/hello', false, false],
      ['/hello.Hello/parrotHello', false, true],
      ['/hello.Hello/clientHello', true, false],
      ['/hello.Hello/biHello', true, true],
    ]);
  });

  it('has the fields that other clients use', () => {
    expect(fields(HelloRequest)).toEqual([
      [1, 'name', 'TYPE_STRING', 'LABEL_OPTIONAL'],
      [2, 'greeting', 'TYPE_STRING', 'LABEL_OPTIONAL'],
    ]);
    expect(fields(HelloReply)).toEqual([[1, 'message', 'TYPE_STRING', 'LABEL_OPTIONAL']]);
    expect(fields(DelayedReply)).toEqual([
      [1, 'message', 'TYPE_STRING', 'LABEL_OPTIONAL'],
      [2, 'request', 'HelloRequest', 'LABEL_REPEATED'],
    ]);
  });
});
