import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import { changesIn, explained, survivorsText } from './explained.ts';

/** The lines of a file, without what stands before them. */
const linesOf = (file: string): string[] =>
  readFileSync(inWorkbook(...file.split('/')), 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim());

it('reads a change with its reason, and one without', () => {
  const text = [
    '- shared/a.ts — nobody sees it',
    '  - was: `on(1)`',
    '  - became: `on(0)`',
    '- shared/b.ts',
    '  - was: `if (a) {` …`',
    '  - became: `if (false) {`',
  ].join('\n');
  expect(changesIn(text)).toEqual([
    { file: 'shared/a.ts', was: 'on(1)', became: 'on(0)' },
    { file: 'shared/b.ts', was: 'if (a) {` …', became: 'if (false) {' },
  ]);
});

it('knows a change that survivors.md speaks of, and no other', () => {
  const isExplained = explained();
  const [change] = changesIn(survivorsText());
  expect(isExplained(change!)).toBe(true);
  expect(isExplained({ ...change!, became: `${change!.became} // or so` })).toBe(false);
});

it('reads every entry of survivors.md', () => {
  expect(changesIn(survivorsText())).toHaveLength(survivorsText().match(/^- /gm)!.length);
});

it('finds the line of every entry of survivors.md where the entry says', () => {
  const stale = changesIn(survivorsText()).filter(
    ({ file, was }) => !linesOf(file).includes(was.replace(/ …$/, '')),
  );
  expect(stale).toEqual([]);
});
