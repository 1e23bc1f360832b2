import { hostname } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withLinks } from './links.ts';

const root = path.resolve('my workbook (1)');
const text = 'at lessons/01-unary-hello/server.ts:14, and lessons/02-server-streaming/client.ts:3.';
const url = pathToFileURL(path.join(root, 'lessons/01-unary-hello/server.ts')).pathname;

describe('a file and its line', () => {
  it.each([
    ['iTerm2', { TERM_PROGRAM: 'iTerm.app' }, `${url}\u001B`],
    ['WezTerm', { TERM_PROGRAM: 'WezTerm' }, `${url}\u001B`],
    ['Ghostty', { TERM_PROGRAM: 'ghostty' }, `${url}\u001B`],
    ['GNOME’s terminal', { VTE_VERSION: '7200' }, `${url}\u001B`],
    ['Windows Terminal', { WT_SESSION: 'x' }, `${url}\u001B`],
    ['kitty, which takes a line', { KITTY_WINDOW_ID: '1' }, `${url}#14\u001B`],
  ])('is a link in %s', (_terminal, environment, expected) => {
    const linked = withLinks(text, root, environment);
    expect(linked).toContain(expected);
    // It names this machine: the terminal may show what comes from another one.
    expect(linked.split(`\u001B]8;;file://${hostname()}/`)).toHaveLength(3);
  });

  it('reads the same with links', () => {
    const linked = withLinks(text, root, { WT_SESSION: 'x' });
    // A link begins and ends with a sequence of its own, and every second piece between them is its address.
    const pieces = linked.split(/\p{Cc}\]8;;|\p{Cc}\\/u);
    expect(pieces.filter((_, index) => index % 2 === 0).join('')).toBe(text);
  });

  it.each([
    ['finds it in the text by itself', { TERM_PROGRAM: 'vscode', VTE_VERSION: '7200' }],
    ['may not know links', { TERM: 'xterm' }],
    ['is too old for links', { VTE_VERSION: '4200' }],
  ])('is left alone in a terminal that %s', (_what, environment) => {
    expect(withLinks(text, root, environment)).toBe(text);
  });
});
