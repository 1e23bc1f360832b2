import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inWorkbook, relativePath } from '../../engine/lesson/paths.ts';

/** The rooms in the order in which imports run: each may import from itself and from those before it. */
const order = [
  'lib',
  'engine/loading',
  'engine/lesson',
  'engine/terminal',
  'engine/wire',
  'engine/check',
  'engine/report',
  'engine/run',
  'engine/commands',
  'engine/cli',
];

/** Where the aliases of package.json lead, below the workbook's top folder. */
const aliases: Readonly<Record<string, string>> = {
  '#shared/': 'shared/lib/',
  '#kit/': 'shared/engine/check/kit/',
  '#testkit/': 'shared/testkit/',
};

const rule = `Imports run one way: ${order.map((room) => room.replace('engine/', '')).join(' ← ')}.`;

const roomOf = (file: string): number => order.findIndex((room) => file.startsWith(`shared/${room}/`));

/** @returns what a file imports, and what it names by `new URL(…, import.meta.url)`: paths below the workbook's top folder */
const importsOf = (file: string, source: string): string[] =>
  [...source.matchAll(/(?:\bfrom\s+|\bimport\(\s*|\bimport\s+|new URL\()'([.#][^']+)'/g)].map(
    ([, specifier]) => {
      const alias = Object.keys(aliases).find((start) => specifier!.startsWith(start));
      return alias
        ? aliases[alias] + specifier!.slice(alias.length)
        : path.posix.join(path.posix.dirname(file), specifier!);
    },
  );

/**
 * @param file - a file of `shared/`, by its path from the workbook's top folder
 * @param source - its text
 * @returns a sentence for each import that runs the wrong way
 */
export const wrongImports = (file: string, source: string): string[] => {
  const isTest = file.endsWith('.test.ts');
  const isAuthors = file.startsWith('shared/authors/');
  return importsOf(file, source).flatMap((imported) => {
    const says = (why: string): string[] => [`${file} imports ${imported}: ${why}`];
    if (imported.startsWith('shared/authors/') && !isAuthors) return says('nobody imports authors/.');
    if (isTest || isAuthors || file.startsWith('shared/testkit/')) return [];
    if (imported.startsWith('shared/testkit/')) return says('only tests and authors import testkit/.');
    return roomOf(imported) > roomOf(file) ? says(rule) : [];
  });
};

/** @returns a sentence for each import in `shared/` that runs the wrong way */
export const importProblems = (): string[] =>
  readdirSync(inWorkbook('shared'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return wrongImports(relativePath(file), readFileSync(file, 'utf8'));
    });
