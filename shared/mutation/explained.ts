import { readFileSync } from 'node:fs';
import { inWorkbook } from '../workbook/paths.ts';
import type { Survivor } from './report.ts';

const document = inWorkbook('shared', 'mutation', 'survivors.md');

type Change = Pick<Survivor, 'file' | 'was' | 'became'>;

const keyOf = ({ file, was, became }: Change): string => JSON.stringify([file, was, became]);

/**
 * Reads survivors.md, which says of changes that no test notices why that may be so.
 *
 * @returns tells whether it speaks of a survivor
 */
export const explained = (): ((survivor: Survivor) => boolean) => {
  const text = readFileSync(document, 'utf8').replaceAll('\r\n', '\n');
  const entries = text.matchAll(/^- (\S+)(?: — .*)?\n {2}- was: `(.*)`\n {2}- became: `(.*)`$/gm);
  const known = new Set(
    [...entries].map(([, file, was, became]) => keyOf({ file: file!, was: was!, became: became! })),
  );
  return (survivor) => known.has(keyOf(survivor));
};
