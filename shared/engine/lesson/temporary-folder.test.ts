import { readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { inWorkbook } from './paths.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('temporaryFolder', () => {
  it.each([
    ['where the system keeps such', {}, () => tmpdir()],
    [
      'in .workbook/ when the environment names a place that is not there',
      { TMPDIR: inWorkbook('package.json', 'nowhere'), TEMP: inWorkbook('package.json', 'nowhere') },
      () => inWorkbook('.workbook', 'temporary'),
    ],
  ])('makes an empty folder %s', (_, environment, home) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const folder = temporaryFolder();
    onTestFinished(() => rmdirSync(folder));
    expect(readdirSync(folder)).toEqual([]);
    expect(path.dirname(folder)).toBe(path.resolve(home()));
  });
});
