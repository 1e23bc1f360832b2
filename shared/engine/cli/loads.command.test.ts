import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { inWorkbook } from '../lesson/paths.ts';

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

const tracer = pathToFileURL(inWorkbook('shared', 'testkit', 'trace-loads.js')).href;

/** Runs a command, and all the processes that it starts. @returns who has asked for each module, by address */
const loadedBy = async (args: string[]): Promise<Map<string, string>> => {
  const { code } = await workbook.run(args, {
    env: { NODE_OPTIONS: `--import=${tracer}`, LOADS_FILE: path.join(workbook.folder, 'loads.txt') },
  });
  expect(code).toBe(0);
  const notes = workbook.read('loads.txt').trimEnd().split('\n');
  // Whoever has asked first is the one to blame.
  return new Map(notes.toReversed().map((line) => line.split('\t') as [string, string]));
};

/** @returns the package that a module belongs to; undefined for one of the workbook */
const packageOf = (address: string): string | undefined =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(address)?.[1];

/** @returns the module, whoever has asked for it, and so on up to where it all began */
const trail = (address: string, loads: Map<string, string>): string => {
  const addresses: string[] = [];
  for (let at: string | undefined = address; at && !addresses.includes(at); at = loads.get(at)) {
    addresses.push(at);
  }
  return addresses
    .map((each) => each.replace(/^.*\/(?=(?:shared|lessons|solutions|node_modules)\/)/, ''))
    .join(' ← ');
};

it('runs lesson 1 with no package that it has no need for', async () => {
  const loads = await loadedBy(['lesson', '1', '--solution']);
  const { dependencies, devDependencies } = JSON.parse(workbook.read('package.json'));
  const needed = ['@grpc/grpc-js', '@grpc/proto-loader', 'chalk', 'commander'];
  const others = new Set(Object.keys({ ...dependencies, ...devDependencies }));
  for (const name of needed) others.delete(name);
  const loaded = [...loads.keys()];
  expect(loaded.map(packageOf)).toEqual(expect.arrayContaining(needed));
  expect(
    loaded.filter((each) => others.has(packageOf(each) ?? '')).map((each) => trail(each, loads)),
  ).toEqual([]);
});
