import { readFileSync } from 'node:fs';
import { inWorkbook } from '../../engine/lesson/paths.ts';
import type { Survivor } from './report.ts';

const document = inWorkbook('shared', 'authors', 'mutation', 'survivors.md');

/** A change, without its place in the file: that place moves with each line above it. */
export type Change = Pick<Survivor, 'file' | 'was' | 'became'>;

/** @returns the text of survivors.md, which says of changes that no test notices why that may be so */
export const survivorsText = (): string => readFileSync(document, 'utf8').replaceAll('\r\n', '\n');

/** @returns the changes that a text such as that of survivors.md speaks of */
export const changesIn = (text: string): Change[] =>
  [...text.matchAll(/^- (\S+)(?: — .*)?\n {2}- was: `(.*)`\n {2}- became: `(.*)`$/gm)].map(
    ([, file, was, became]) => ({ file: file!, was: was!, became: became! }),
  );

const keyOf = ({ file, was, became }: Change): string => JSON.stringify([file, was, became]);

/** @returns tells whether survivors.md speaks of a change */
export const explained = (): ((change: Change) => boolean) => {
  const known = new Set(changesIn(survivorsText()).map(keyOf));
  return (change) => known.has(keyOf(change));
};
