/** The service of the first lessons, for tests of what stands around a service: it has a method of each kind. */
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serving, stubAt } from '#kit/peers.ts';

export const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

export const ada = { greeting: 'Hello', name: 'Ada' };

type Some = Partial<Pick<HelloHandlers, 'hello' | 'parrotHello' | 'clientHello' | 'biHello'>>;

/** @returns the same handlers, for a server that has no others */
export const handlersOf = (handlers: Some): HelloHandlers => handlers as HelloHandlers;

/** @returns the address of a server with these handlers, which `closePeers` closes */
export const servingHello = (handlers: Some): Promise<string> => serving(Hello.service, handlersOf(handlers));

/** @returns a stub before a server with these handlers; `closePeers` closes both */
export const callingHello = async (handlers: Some): Promise<HelloClient> =>
  stubAt(Hello, await servingHello(handlers));
