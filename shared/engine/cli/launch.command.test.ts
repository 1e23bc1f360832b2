import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';

const copied = (): WorkbookCopy => {
  const workbook = new WorkbookCopy();
  onTestFinished(() => workbook.delete());
  return workbook;
};

const incomplete = (name: string): string =>
  `The installation is incomplete: the package ${name} is missing. Run this in the workbook's top folder: npm ci\n`;

describe('an installation that is not complete', () => {
  it('is asked for when there is none', async () => {
    const workbook = copied();
    workbook.remove('node_modules');
    const { code, stderr } = await workbook.run(['lesson', '1']);
    expect(stderr).toBe('The workbook is not installed yet. Run this first, in its top folder: npm ci\n');
    expect(code).toBe(1);
  });

  it.each([
    ['chalk', ['start']],
    ['@grpc/grpc-js', ['lesson', '1']],
    ['vitest', ['lesson', '1', 'check']],
    ['chalk', ['doctor']],
  ])('says that %s is missing, when it runs %j', async (name, args) => {
    const workbook = copied();
    workbook.installWithout(name);
    const { code, stdout, stderr } = await workbook.run(args);
    // Both halves of a pair say it, each in a process of its own.
    const lines = `${stdout}${stderr}`
      .replaceAll(/\[server\] |^! /gm, '')
      .trimEnd()
      .split('\n');
    expect([...new Set(lines)]).toEqual([incomplete(name).trimEnd()]);
    expect(code).toBe(1);
  });

  it('says so when a package is there without its files', async () => {
    const workbook = copied();
    workbook.installWithout('chalk');
    mkdirSync(path.join(workbook.folder, 'node_modules', 'chalk'));
    workbook.write('node_modules/chalk/package.json', '{ "name": "chalk", "exports": "./source/index.js" }');
    const { code, stderr } = await workbook.run(['start']);
    expect(stderr).toBe(incomplete('chalk'));
    expect(code).toBe(1);
  });
});

describe('a file of the workbook that is missing', () => {
  it.each([
    ['shared/engine/report/map.ts', ['start']],
    ['shared/engine/commands/hint.ts', ['lesson', '1', 'hint']],
  ])('%s is named, with how to get it back', async (file, args) => {
    const workbook = copied();
    workbook.remove(file);
    const { code, stderr } = await workbook.run(args);
    expect(stderr).toBe(
      `${file} is missing, a file of the workbook. Bring it back with: git checkout -- ${file}\n`,
    );
    expect(code).toBe(1);
  });
});
