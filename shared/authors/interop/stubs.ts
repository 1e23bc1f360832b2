import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inWorkbook } from '../../engine/lesson/paths.ts';

/**
 * What the listings leave out. A service is called by its package and its name, so the package has to be that of the
 * workbook. A line that names it may stand anywhere; the syntax has to come first.
 */
const completed: Record<string, (listing: string) => string> = {
  'chat.proto': (listing) => `syntax = "proto3";\npackage chat;\n${listing}`,
  'live_chat.proto': (listing) => `${listing}package livechat;\n`,
};

/**
 * Generates Python from the listings in `seeds/`, and from `protos/` for what is in no listing.
 *
 * @param python - a Python that has the generator
 * @param folder - where to put it; the contracts are put there too
 * @throws Error when the generator takes one of them for wrong
 */
export const generateStubs = (python: string, folder: string): void => {
  const isContract = (name: string): boolean => name.endsWith('.proto');
  const protos = inWorkbook('protos');
  const seeds = inWorkbook('shared', 'authors', 'interop', 'seeds');
  const names = readdirSync(protos).filter(isContract);
  for (const name of names) cpSync(path.join(protos, name), path.join(folder, name));
  for (const name of readdirSync(seeds).filter(isContract)) {
    const listing = readFileSync(path.join(seeds, name), 'utf8');
    writeFileSync(path.join(folder, name), completed[name]?.(listing) ?? listing);
  }
  const args = ['-m', 'grpc_tools.protoc', '-I.', '--python_out=.', '--grpc_python_out=.', ...names];
  const { status, stderr } = spawnSync(python, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`No Python could be generated from the contracts: ${stderr}`);
};
