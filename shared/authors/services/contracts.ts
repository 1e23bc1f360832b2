import { readdirSync } from 'node:fs';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { protoOptions } from '#shared/grpc/proto-options.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

/** A method of a contract, with the descriptors of its messages. */
export type Method = MethodDefinition<object, object> & {
  requestType: MessageTypeDefinition<object, object>;
};

/** All services and messages of all contracts, each by its full name. */
export const definitions = Object.assign(
  {},
  ...readdirSync(inWorkbook('protos'))
    .filter((name) => name.endsWith('.proto'))
    .map((name) => loadSync(name, { ...protoOptions, includeDirs: [inWorkbook('protos')] })),
) as ReturnType<typeof loadSync>;

/** @returns a service, by its full name, for example `hello.Hello` */
export const contract = (service: string) => definitions[service] as Record<string, Method>;

/** @returns the method at a path, for example `/hello.Hello/hello` */
export const methodAt = (path: string): Method => {
  const [, service, name] = path.split('/') as [string, string, string];
  return contract(service)[name]!;
};
