/** What begins a block of a diagram, in words. Between a block's halves stand `else` and `and`. */
const opening: Readonly<Record<string, string>> = {
  alt: 'Either',
  opt: 'Perhaps',
  loop: 'Again and again',
  par: 'At the same time',
};
const between: Readonly<Record<string, string>> = { else: 'Or', and: 'And' };

/**
 * Tells a Mermaid sequence diagram in lines: `client → server: hello`. A dashed arrow stays dashed: `client - -> server`.
 *
 * @returns its lines, those of a block two spaces further in; undefined when it holds a statement that is not known here
 */
export const sequenceDiagram = (source: string): string[] | undefined => {
  const [kind, ...statements] = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%%'));
  if (kind !== 'sequenceDiagram') return undefined;
  const names = new Map<string, string>();
  const nameOf = (alias: string): string => names.get(alias) ?? alias;
  const lines: string[] = [];
  let depth = 0;
  const add = (line: string): void => {
    lines.push('  '.repeat(depth) + line);
  };

  for (const statement of statements) {
    const participant = /^(?:participant|actor) (\w+)(?: as (.+))?$/.exec(statement);
    const message = /^(\w+) ?(--?)>> ?(\w+) ?: ?(.*)$/.exec(statement);
    const note = /^Note (?:over|left of|right of) ([\w, ]+?) ?: ?(.*)$/i.exec(statement);
    const block = /^(alt|opt|loop|par|else|and)(?: (.*))?$/.exec(statement);
    if (participant) {
      names.set(participant[1]!, participant[2] ?? participant[1]!);
    } else if (message) {
      const [, from, dash, to, text] = message;
      add(`${nameOf(from!)} ${dash === '--' ? '- ->' : '→'} ${nameOf(to!)}: ${text}`);
    } else if (note) {
      const where = note[1]!.split(',').map((alias) => nameOf(alias.trim()));
      add(`(${where.join(' and ')}: ${note[2]})`);
    } else if (block) {
      const [, word, text] = block;
      const begins = opening[word!];
      const label = begins ?? between[word!];
      if (!begins && depth === 0) return undefined;
      if (!begins) depth -= 1;
      add(text ? `${label}, ${text}:` : `${label}:`);
      depth += 1;
    } else if (statement === 'end' && depth > 0) {
      depth -= 1;
    } else {
      return undefined;
    }
  }
  if (depth > 0) return undefined;
  return names.size > 0 ? [`Between ${[...names.values()].join(', ')}:`, ...lines] : lines;
};
