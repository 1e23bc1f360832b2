import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { protoOptions } from '#shared/grpc/proto-options.ts';
import { inWorkbook } from './paths.ts';

const protos = inWorkbook('protos');
const generated = inWorkbook('protos', 'generated');

/** The loader's options as flags of the generator: one set of options, so that types and messages agree. */
const flags = Object.entries(protoOptions).map(([name, value]) =>
  value === true ? `--${name}` : `--${name}=${(value as StringConstructor).name}`,
);

const generateInto = (folder: string): void => {
  const generator = createRequire(import.meta.url).resolve(
    '@grpc/proto-loader/build/bin/proto-loader-gen-types.js',
  );
  const contracts = readdirSync(protos)
    .filter((name) => name.endsWith('.proto'))
    .toSorted();
  execFileSync(
    process.execPath,
    [
      generator,
      ...flags,
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.ts',
      `--outDir=${folder}`,
      '--includeDirs=protos',
      '--',
      ...contracts,
    ],
    { cwd: inWorkbook(), stdio: ['ignore', 'ignore', 'inherit'] },
  );
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

/** @returns a sentence for each generated file that is missing, stale, or generated from nothing */
export const typesOutOfStep = (): string[] => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-types-'));
  try {
    generateInto(scratch);
    const wanted = filesIn(scratch);
    const present = filesIn(generated);
    const names = [...new Set([...wanted.keys(), ...present.keys()])].toSorted();
    return names
      .filter((name) => wanted.get(name) !== present.get(name))
      .map(
        (name) =>
          `protos/generated/${name} is not what the contracts and the loader's options say. Run: npm run generate`,
      );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/**
 * `npm run generate`: writes the types of every contract in `protos/`.
 *
 * @returns the exit code
 */
export const writeTypes = (): number => {
  rmSync(generated, { recursive: true, force: true });
  generateInto(generated);
  console.log(`written  protos/generated/ (${filesIn(generated).size} files)`);
  return 0;
};
