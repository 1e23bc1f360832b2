import { isIPv6 } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import type { Questions } from '#shared/terminal/ask.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { WorkbookCommand } from '../terminal/workbook-command.ts';

const portNumber = (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535, for example --port 50052.');
  }
  return Number(text);
};

const hostName = (text: string): string => {
  // An address takes an IPv6 host in brackets.
  if (isIPv6(text)) return `[${text}]`;
  if (/^-|[\s/]|:\d+$/.test(text)) {
    throw new InvalidArgumentError('--host takes a name or an IP address, and --port the port.');
  }
  return text;
};

/** The workbook's own flags. A command takes those that it names. */
export const ownFlags = {
  solution: () => new Option('--solution', 'the finished files in place of yours'),
  port: () =>
    new Option('--port <number>', 'where a half that runs alone listens or calls (50051)').argParser(
      portNumber,
    ),
  host: () => new Option('--host <name>', 'on which host (127.0.0.1)').argParser(hostName),
  yes: () => new Option('--yes', 'answers the question ahead'),
  json: () => new Option('--json', 'the grades for programs; with npm run --silent'),
  own: () => new Option('--own', 'check the task "On your own" in place of the steps'),
};

/**
 * npm keeps a flag for itself when no `--` stands before it; it tells only in the environment.
 *
 * @param names - the flags that it may have kept
 * @param word - the word behind the script's name
 * @throws UsageError when it has kept one
 */
export const refuseKept = (
  names: readonly string[],
  word = '',
  system: NodeJS.Platform = process.platform,
): void => {
  const script = process.env.npm_lifecycle_event ?? '';
  const kept = names.filter((name) => process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
  if (kept.length === 0 || !/^(lesson:|check$)/.test(script)) return;
  const flags = kept.map((name) => `--${name}${['solution', 'json', 'own'].includes(name) ? '' : ' …'}`);
  // PowerShell takes a bare -- for its own, and npm gets none: https://github.com/npm/cli/issues/4903
  const dashes = system === 'win32' ? '"--"' : '--';
  const command = ['npm run', script, ...(/^\w/.test(word) ? [word] : []), dashes, ...flags].join(' ');
  throw new UsageError(
    `npm kept ${kept.map((name) => `--${name}`).join(' ')} for itself. Put ${dashes} before the flags, so that they reach the workbook: ${command}`,
  );
};

/**
 * Reads the flags that answer a client's questions ahead, or set up its server.
 *
 * @param rest - what is left of a command line when the workbook's own flags are read
 * @param questions - what is asked; each key is a flag
 * @param name - how the command is typed
 * @param own - the workbook's own flags that it takes: they are read already, and are named to be suggested
 * @returns the answers given ahead, by key
 * @throws UsageError for an unknown flag, a missing value, an answer that is no choice, or a stray word
 */
export const readAnswers = (
  rest: readonly string[],
  questions: Questions,
  name = 'npm run lesson:N',
  own: readonly (() => Option)[] = [],
): Record<string, string[]> => {
  refuseKept(Object.keys(questions));
  const answers: Record<string, string[]> = {};
  const command = new WorkbookCommand(name).allowExcessArguments();
  for (const [key, { message, choices }] of Object.entries(questions)) {
    command.option(`--${key} <${choices?.join(' | ') ?? 'answer'}>`, message, (answer: string) => {
      if (answer.startsWith('-') && rest.includes(answer)) {
        throw new InvalidArgumentError(
          `${answer} looks like a flag. If it is the answer, write --${key}=${answer}`,
        );
      }
      if (choices && !choices.includes(answer)) {
        throw new InvalidArgumentError(`It takes one of: ${choices.join(', ')}.`);
      }
      (answers[key] ??= []).push(answer);
    });
  }
  for (const flag of own) command.addOption(flag());
  command.action(() => {}).parse(rest, { from: 'user' });
  const [stray] = command.args;
  if (stray !== undefined) {
    command.error(
      `"${stray}" stands alone: an answer stands behind its flag, and a word such as server before all flags.`,
    );
  }
  return answers;
};
