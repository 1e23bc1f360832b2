import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { tempFolder } from '../../check/kit/test-folder.ts';
import { lookAtNode, lookAtPackages } from './packages.ts';

const json = (folder: string, value: object): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(value));
};

/** A workbook that asks for bread and butter, in a folder in which more may be installed. */
const workbook = (): { above: string; folder: string; install: (name: string, manifest: object) => void } => {
  const above = tempFolder();
  const folder = path.join(above, 'workbook');
  json(folder, { dependencies: { bread: '^2.1.0', butter: '^1.0.0' } });
  return {
    above,
    folder,
    install: (name, manifest) => json(path.join(folder, 'node_modules', name), manifest),
  };
};
const loads = (): Promise<unknown> => Promise.resolve();

it('is content with what is there and can be loaded, in the folder or above it', async () => {
  const { above, folder, install } = workbook();
  install('bread', { version: '2.3.4' });
  json(path.join(above, 'node_modules', 'butter'), { version: '1.0.0' });
  const load = vi.fn(loads);
  expect((await lookAtPackages(folder, load)).state).toBe('ok');
  expect(load.mock.calls.flat()).toEqual(['reflect-metadata', 'bread', 'butter']);
});

it('names what is missing, and what is of another version', async () => {
  const { folder, install } = workbook();
  install('bread', { version: '3.0.0' });
  const { state, found, remedy } = await lookAtPackages(folder, loads);
  expect(state).toBe('problem');
  expect(found).toBe(
    'The installed packages are not those that package.json asks for: bread is 3.0.0, and ^2.1.0 is asked for, butter is missing.',
  );
  expect(remedy).toBe("Run this in the workbook's top folder: npm ci");
});

it.each([
  ['NODE_ENV', 'production'],
  ['npm_config_omit', 'dev'],
])('says how to install all of it where %s=%s leaves some out', async (variable, value) => {
  vi.stubEnv(variable, value);
  const { remedy } = await lookAtPackages(workbook().folder, loads);
  expect(remedy).toBe("Run this in the workbook's top folder: npm ci --include=dev --include=optional");
});

it('says what cannot be loaded, and why', async () => {
  const { folder, install } = workbook();
  for (const name of ['bread', 'butter']) install(name, { version: '2.1.0' });
  json(folder, { dependencies: { bread: '^2.1.0', butter: '^2.0.0' } });
  const { found, remedy } = await lookAtPackages(folder, (name) =>
    name === 'butter' ? Promise.reject(new Error("Cannot find package 'salt' imported from x")) : loads(),
  );
  expect(found).toBe('The package butter cannot be loaded.');
  expect(remedy).toContain('the package salt is missing');
});

it('says how to bring package.json back', async () => {
  expect((await lookAtPackages(tempFolder(), loads)).remedy).toContain('git checkout -- package.json');
});

it('names the packages that do not take this Node.js', () => {
  const { folder, install } = workbook();
  install('bread', { version: '2.1.0', engines: { node: '^20.19.0 || >=22.12.0' } });
  install('butter', { version: '1.0.0' });
  expect(lookAtNode(folder, '22.12.0')).toEqual({
    state: 'ok',
    found: 'Node.js is 22.12.0; the workbook needs 20.19 or later.',
  });
  expect(lookAtNode(folder, '21.7.3')).toMatchObject({
    state: 'note',
    found: expect.stringContaining('runs on it: bread takes ^20.19.0 || >=22.12.0.') as string,
  });
});
