import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { protoOptions } from '#shared/grpc/proto-options.ts';
import { inWorkbook } from './paths.ts';
import { runToEnd } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const protos = inWorkbook('protos');
const generated = inWorkbook('protos', 'generated');

/** The loader's options as flags of the generator: one set of options, so that types and messages agree. */
const flags = Object.entries(protoOptions).map(([name, value]) =>
  value === true ? `--${name}` : `--${name}=${(value as StringConstructor).name}`,
);

/** The message says why there are no types. */
export class CannotGenerate extends Error {
  override name = 'CannotGenerate';
}

/** @throws CannotGenerate when a contract is not valid */
const generateInto = async (folder: string): Promise<void> => {
  const generator = createRequire(import.meta.url).resolve(
    '@grpc/proto-loader/build/bin/proto-loader-gen-types.js',
  );
  const contracts = readdirSync(protos)
    .filter((name) => name.endsWith('.proto'))
    .toSorted();
  try {
    // Says more of what is wrong than the generator does: which file it is.
    for (const name of contracts) loadProto(name);
  } catch (error) {
    throw new CannotGenerate(`The types cannot be generated: ${(error as Error).message}`);
  }
  const { code, stderr } = await runToEnd(process.execPath, [
    generator,
    ...flags,
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
    `--outDir=${folder}`,
    '--includeDirs=protos',
    '--',
    ...contracts,
  ]);
  if (code === 0) return;
  const [why] = /^\w*Error: .+$/m.exec(stderr) ?? [stderr.trim()];
  throw new CannotGenerate(`The types cannot be generated from the contracts in protos/: ${why}`);
};

const filesIn = (folder: string): Map<string, string> =>
  new Map(
    (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [])
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [
        name.split(path.sep).join('/'),
        readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n'),
      ]),
  );

/** Generates all types into a folder that is gone afterwards: what was there before is only replaced when all went well. */
const withGenerated = async <T>(use: (folder: string) => T): Promise<T> => {
  const scratch = temporaryFolder();
  try {
    await generateInto(scratch);
    return use(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/**
 * @returns a sentence for each generated file that is missing, stale, or generated from nothing
 * @throws CannotGenerate when a contract is not valid
 */
export const typesOutOfStep = (): Promise<string[]> =>
  withGenerated((folder) => {
    const wanted = filesIn(folder);
    const present = filesIn(generated);
    const names = [...new Set([...wanted.keys(), ...present.keys()])].toSorted();
    return names
      .filter((name) => wanted.get(name) !== present.get(name))
      .map(
        (name) =>
          `protos/generated/${name} is not what the contracts and the loader's options say. Run: npm run generate`,
      );
  });

/**
 * `npm run generate`: writes the types of every contract in `protos/`.
 *
 * @throws CannotGenerate when a contract is not valid
 */
export const writeTypes = (): Promise<number> =>
  withGenerated((folder) => {
    rmSync(generated, { recursive: true, force: true });
    cpSync(folder, generated, { recursive: true });
    console.log(`written  protos/generated/ (${filesIn(generated).size} files)`);
    return 0;
  });
