import { readFileSync } from 'node:fs';
import type { Vite } from 'vitest/node';

/** What Vite gives to every module, and a run does not: Node.js has it in CommonJS alone. */
const ofCommonJs = ['require', 'module', 'exports', '__filename', '__dirname'];

/** A module of a lesson that a learner writes, or its solution. */
const answer = /[\\/](?:lessons|solutions)[\\/][^\\/]+[\\/](?:server|client)\.ts$/;

/** An import as the parser gives it. */
interface ImportNode {
  type: string;
  source?: { value?: unknown };
  specifiers?: { type: string; imported?: { name?: string } }[];
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

/**
 * Makes Vite as strict about a lesson's files as Node.js is in a run: a type that is imported without the word `type` is
 * gone when the program runs, and there is no `require`. Otherwise an answer could pass all checks that does not start.
 */
export const strictModules: Vite.Plugin = {
  name: 'grpc-workbook:strict-modules',
  transform(code, id) {
    const [file = ''] = id.split('?');
    if (!answer.test(file)) return null;
    const { body } = this.parse(code) as unknown as { body: ImportNode[] };
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
    return { code: `${hide} ${code}${demands.join('')}`, map: null };
  },
};
