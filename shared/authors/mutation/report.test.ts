import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readReport, type Outcome } from './report.ts';

const source = ['const answer = 42;', 'if (answer) {', '  say(answer);', '}', ''].join('\n');

/** The place of the first occurrence of a text, as Stryker counts: lines and columns from 1 on. */
const placeOf = (text: string): object => {
  const at = (offset: number): object => {
    const lines = source.slice(0, offset).split('\n');
    return { line: lines.length, column: lines.at(-1)!.length + 1 };
  };
  const start = source.indexOf(text);
  return { start: at(start), end: at(start + text.length) };
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const outcomeOf = (...mutants: { status: string; text: string; replacement?: string }[]): Outcome => {
  const report = path.join(folder, 'report.json');
  const written = mutants.map(({ text, ...mutant }) => ({ ...mutant, location: placeOf(text) }));
  writeFileSync(report, JSON.stringify({ files: { 'shared\\say.ts': { source, mutants: written } } }));
  return readReport(report);
};

it('counts a change that fails a test, and one that hangs it, as noticed', () => {
  expect(outcomeOf({ status: 'Killed', text: '42' }, { status: 'Timeout', text: 'answer' })).toEqual({
    killed: 2,
    survivors: [],
  });
});

it('counts nothing of a change that cannot be tried', () => {
  expect(outcomeOf({ status: 'CompileError', text: '42' }, { status: 'Ignored', text: '42' })).toEqual({
    killed: 0,
    survivors: [],
  });
});

it('tells a survivor by its line, before and after', () => {
  expect(outcomeOf({ status: 'Survived', text: '42', replacement: '43' }).survivors).toEqual([
    {
      file: 'shared/say.ts',
      line: 1,
      was: 'const answer = 42;',
      became: 'const answer = 43;',
      covered: true,
    },
  ]);
});

it('tells a survivor of several lines by the first, and puts the change on one line', () => {
  const [survivor] = outcomeOf({
    status: 'NoCoverage',
    text: '{\n  say(answer);\n}',
    replacement: '{}',
  }).survivors;
  expect(survivor).toMatchObject({
    line: 2,
    was: 'if (answer) { …',
    became: 'if (answer) {}',
    covered: false,
  });
});
