import { readFileSync } from 'node:fs';
import type { Vite } from 'vitest/node';
import { fileOf } from '../lesson/lessons.ts';
import { noLongerExported, nothingLeftIn } from '../lesson/load-failure.ts';
import type { Half } from '../lesson/paths.ts';

/** What Vite gives to every module, and a run does not: Node.js has it in CommonJS alone. */
const ofCommonJs = ['require', 'module', 'exports', '__filename', '__dirname'];

/** A module of a lesson that a learner writes, or its solution. */
const answer = /[\\/](?:lessons|solutions)[\\/][^\\/]+[\\/](?:server|client)\.ts$/;

/** An import or an export as the parser gives it. */
interface ModuleNode {
  type: string;
  source?: { value?: unknown };
  specifiers?: { type: string; imported?: { name?: string }; exported?: { name?: string } }[];
  declaration?: { id?: { name?: string }; declarations?: { id: { name?: string } }[] } | null;
}

/** @returns a statement that throws what Node.js would throw when `from` exports one of these names not */
const demand = (file: string, from: string, names: string[], index: number): string => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const thrown = names.map((name) => {
    const line = 1 + lines.findIndex((text) => new RegExp(`\\b${name}\\b`).test(text));
    const message = `The requested module '${from}' does not provide an export named '${name}'`;
    return [name, message, `SyntaxError: ${message}\n    at ${file}:${line}:1`];
  });
  return `
import * as __exports${index} from ${JSON.stringify(from)};
for (const [name, message, stack] of ${JSON.stringify(thrown)})
  if (!(name in __exports${index})) throw Object.assign(new SyntaxError(message), { stack });`;
};

/** @returns a statement that throws when a lesson's file no longer gives out what the starter gave out */
const demandExports = (file: string, body: ModuleNode[]): string => {
  const [, folder, half] = /([^\\/]+)[\\/](server|client)\.ts$/.exec(file)!;
  const solution = readFileSync(fileOf('solutions', folder!, half as Half), 'utf8');
  const given = [...solution.matchAll(/^export (?:async )?(?:const|function|class) (\w+)/gm)].map(
    ([, name]) => name!,
  );
  const exported = body.flatMap(({ specifiers = [], declaration }) => [
    declaration?.id?.name,
    ...(declaration?.declarations ?? []).map(({ id }) => id.name),
    ...specifiers.map((specifier) => specifier.exported?.name),
  ]);
  const missing = given.find((name) => !exported.includes(name));
  if (missing === undefined) return '';
  const declared = new RegExp(`^(?:async )?(?:const|let|function|class) ${missing}\\b`);
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((text) => declared.test(text));
  const message = nothingLeftIn(file) ?? noLongerExported(missing);
  const stack = `SyntaxError: ${message}\n    at ${file}:${Math.max(0, line) + 1}:1`;
  return `\nthrow Object.assign(new SyntaxError(${JSON.stringify(message)}), { stack: ${JSON.stringify(stack)} });`;
};

/**
 * Makes Vite as strict about a lesson's files as Node.js is in a run: a type that is imported without the word `type` is
 * gone when the program runs, and there is no `require`. Otherwise an answer could pass all checks that does not start. And
 * what the starter exports has to stay: the run and the checks look for it by its name.
 */
export const strictModules: Vite.Plugin = {
  name: 'grpc-workbook:strict-modules',
  transform(code, id) {
    const [file = ''] = id.split('?');
    if (!answer.test(file)) return null;
    const { body } = this.parse(code) as unknown as { body: ModuleNode[] };
    const demands = body.flatMap(({ type, source, specifiers = [] }, index) => {
      const names = specifiers.flatMap(({ imported }) => imported?.name ?? []);
      return type === 'ImportDeclaration' && names.length > 0
        ? [demand(file, String(source?.value), names, index)]
        : [];
    });
    const hidden = ofCommonJs.filter(
      (name) => !new RegExp(`(?:const|let|var|function|import) \\{? ?${name}\\b`).test(code),
    );
    // In front, and on the first line: every other line keeps its number.
    const hide = hidden.map((name) => `typeof ${name} !== 'undefined' && (${name} = undefined);`).join(' ');
    return { code: `${hide} ${code}${demands.join('')}${demandExports(file, body)}`, map: null };
  },
};
