type Version = [major: number, minor: number, patch: number];

const comparator = /^(\^|~|>=|<|=)?v?(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?$/;

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

const admittedBy = (text: string, version: Version): boolean | undefined => {
  if (text === '*' || text === '') return true;
  const match = comparator.exec(text);
  if (!match) return undefined;
  const [, sign = '', ...parts] = match;
  const given = parts.filter((part) => part !== undefined && /\d/.test(part)).map(Number);
  const from: Version = [given[0]!, given[1] ?? 0, given[2] ?? 0];
  if (sign === '<') return compare(version, from) < 0;
  if (sign === '>=') return compare(version, from) >= 0;
  // The others keep some of the numbers as they are, and a number that is left out is free.
  const kept = { '^': 1, '~': 2 }[sign] ?? 3;
  return compare(version, from) >= 0 && given.slice(0, kept).every((part, index) => version[index] === part);
};

/**
 * Tells whether a package takes a version of Node.js. It reads what packages really write in their `engines`, which is a
 * part of npm's grammar: https://docs.npmjs.com/cli/v11/configuring-npm/package-json#engines
 *
 * @param range - for example `^20.19.0 || >=22.12.0`
 * @param node - a version, for example `22.12.0`
 * @returns whether the version is in the range; undefined when the range is written in a way that is not read here
 */
export const admits = (range: string, node: string): boolean | undefined => {
  const [major = 0, minor = 0, patch = 0] = node.split('-')[0]!.split('.').map(Number);
  const alternatives = range.split('||').map((alternative) => {
    const comparators = alternative
      .trim()
      .replace(/([\^~<>=])\s+/g, '$1')
      .split(/\s+/);
    const answers = comparators.map((text) => admittedBy(text, [major, minor, patch]));
    return answers.includes(undefined) ? undefined : !answers.includes(false);
  });
  if (alternatives.includes(true)) return true;
  return alternatives.includes(undefined) ? undefined : false;
};
