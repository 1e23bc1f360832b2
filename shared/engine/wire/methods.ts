import { readdirSync } from 'node:fs';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { inWorkbook } from '../lesson/paths.ts';

/** A method of a contract, which can decode what goes over the wire. */
export type Method = MethodDefinition<object, object>;

const isService = (value: unknown): value is { service: ServiceDefinition } =>
  typeof value === 'function' && 'service' in value;

const methodsIn = (packages: object): Method[] =>
  Object.values(packages).flatMap((value: unknown) => {
    if (isService(value)) return Object.values(value.service) as Method[];
    const isPackage = typeof value === 'object' && value !== null && !('format' in value);
    return isPackage ? methodsIn(value) : [];
  });

/** @returns what a contract has; nothing while it is no valid one: whoever needs it will hear why */
const contractIn = (file: string): object => {
  try {
    return loadProto<object>(file);
  } catch {
    return {};
  }
};

let byPath: Map<string, Method> | undefined;

/**
 * Finds a method in the contracts of `protos/`, all of which are read when it is first asked for one.
 *
 * @returns the method; undefined when no contract has it
 */
export const methodAt = (path: string): Method | undefined => {
  byPath ??= new Map(
    readdirSync(inWorkbook('protos'))
      .filter((name) => name.endsWith('.proto'))
      .flatMap((name) => methodsIn(contractIn(name)))
      .map((method) => [method.path, method]),
  );
  return byPath.get(path);
};
