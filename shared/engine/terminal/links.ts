import { hostname } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * How this terminal wants a link to a file, if it knows links at all. Where it finds `file:line` in a text by itself, as
 * the one in Visual Studio Code does, the text is better left alone: it opens the line, and a link only the file.
 */
const linkFor = (environment: NodeJS.ProcessEnv): ((file: URL, line: number) => string) | undefined => {
  const { TERM_PROGRAM, KITTY_WINDOW_ID, VTE_VERSION, WT_SESSION } = environment;
  const whole = (file: URL): string => file.href.replace('file://', `file://${hostname()}`);
  if (TERM_PROGRAM === 'vscode') return undefined;
  // The form that kitty documents for a line; the others would look for a file of that name.
  if (KITTY_WINDOW_ID !== undefined) return (file, line) => `${whole(file)}#${line}`;
  const known = ['iTerm.app', 'WezTerm', 'ghostty'].includes(TERM_PROGRAM ?? '');
  return known || Number(VTE_VERSION) >= 5_000 || WT_SESSION !== undefined ? whole : undefined;
};

/** Only a terminal knows links: into a file or a pipe go the words alone. */
const here: NodeJS.ProcessEnv = process.stdout.isTTY ? process.env : {};

/**
 * Makes every `file:line` of a lesson in a text a link that the terminal can open. The words stay the same.
 *
 * @param text - what is printed, wrapped already
 * @param root - the folder from which the files are named, as an absolute path
 * @returns the text, with links where the terminal knows them
 */
export const withLinks = (text: string, root: string, environment: NodeJS.ProcessEnv = here): string => {
  const link = linkFor(environment);
  if (!link) return text;
  return text.replaceAll(/\b(lessons\/[\w-]+\/[\w.]+\.ts):(\d+)/g, (words, file: string, line: string) => {
    const url = link(pathToFileURL(path.join(root, file)), Number(line));
    return `\u001B]8;;${url}\u001B\\${words}\u001B]8;;\u001B\\`;
  });
};
