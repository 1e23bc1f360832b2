import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoOptions } from './proto-options.ts';

const protosFolder = fileURLToPath(new URL('../../../protos/', import.meta.url));

/**
 * Reads a contract and makes its services and messages available, while the program runs.
 * Where other languages run `protoc` first and import what it wrote, this reads the `.proto` itself;
 * only the types are generated ahead (`npm run generate`), because the compiler needs them sooner.
 *
 * @typeParam Packages - the `ProtoGrpcType` that was generated from the same file
 * @param file - the contract's name in `protos/`, for example `hello.proto`
 * @returns the packages of the contract, each holding its services and messages
 * @throws Error when the file is not in `protos/` or is not a valid contract
 */
export const loadProto = <Packages>(file: string): Packages => {
  if (!existsSync(path.resolve(protosFolder, file))) throw new Error(`protos/${file} is not there`);
  try {
    const definition = loadSync(file, { ...protoOptions, includeDirs: [protosFolder] });
    return loadPackageDefinition(definition) as unknown as Packages;
  } catch (error) {
    // The parser mostly names the line, and not always the file; and where the file has ended, it has read "null".
    const [why, line] = (error as Error).message.split(/ \((?:.*, )?line (\d+)\)$/) as [string, string?];
    const said = why.replace(/^illegal token 'null'/, 'it ends too early: is a } missing?');
    const place = `protos/${file}${line === undefined ? '' : `:${line}`}`;
    throw new Error(`${place} is no valid contract: ${said}`, { cause: error });
  }
};
