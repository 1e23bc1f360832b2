import { isIPv6 } from 'node:net';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Questions } from '#shared/terminal/ask.ts';
import type { AnswersFolder } from '../lesson/paths.ts';
import { didYouMean, UsageError } from '../terminal/usage-error.ts';

/** What may stand behind `npm run lesson:N`, once the workbook's own flags are read. */
export interface LessonCommand {
  /** The first word that is not a flag, if any. */
  verb: string | undefined;
  /** Whose answers: the learner's, or with `--solution` the finished ones. */
  answers: AnswersFolder;
  /** Whether a question is answered ahead with yes. */
  yes: boolean;
  /** Whether grades are for programs. */
  json: boolean;
  /** Whether the task "On your own" is to be graded in place of the steps. */
  own: boolean;
  host: string | undefined;
  port: number | undefined;
  /** All the rest, as typed: these belong to the lesson. */
  rest: string[];
}

const ownFlags = {
  solution: { type: 'boolean' },
  json: { type: 'boolean' },
  own: { type: 'boolean' },
  host: { type: 'string' },
  port: { type: 'string' },
  yes: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies NonNullable<ParseArgsConfig['options']>;

/** Those that are there or not, and take no value. */
const switches: ReadonlySet<string> = new Set(
  Object.entries(ownFlags).flatMap(([name, { type }]) => (type === 'boolean' ? [name] : [])),
);

/** The flags that the workbook itself understands. */
export const ownFlagNames = Object.keys(ownFlags);

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(
      `"${text}" is no port. A port is a whole number from 0 to 65535, for example --port 50052.`,
    );
  }
  return port;
};

/** A flag in place of a value is no value; one that really begins with a dash can stand behind an equals sign. */
const needValue = (flag: {
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}): void => {
  const { rawName, value, inlineValue } = flag;
  if (value === undefined) throw new UsageError(`${rawName} needs a value behind it.`);
  if (value.startsWith('-') && !inlineValue) {
    throw new UsageError(
      `${rawName} needs a value behind it, and ${value} looks like a flag. If it is the value, write ${rawName}=${value}.`,
    );
  }
};

/** An address takes an IPv6 host in brackets. */
const hostName = (text: string): string => {
  if (isIPv6(text)) return `[${text}]`;
  if (/[\s/]|:\d+$/.test(text)) {
    throw new UsageError(`"${text}" is no host. --host takes a name or an IP address, and --port the port.`);
  }
  return text;
};

/**
 * npm keeps a flag for itself when no `--` stands before it; it tells only in the environment.
 *
 * @param names - the flags that it may have kept
 * @param args - the words that did come
 * @throws UsageError when it has kept one
 */
export const refuseSwallowed = (names: readonly string[], args: readonly string[]): void => {
  const script = process.env.npm_lifecycle_event ?? '';
  const swallowed = names.filter(
    (name) => process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );
  if (swallowed.length === 0 || !/^(lesson:|check$)/.test(script)) return;
  const verb = args[0] !== undefined && !args[0].startsWith('-') ? ` ${args[0]}` : '';
  const flags = swallowed.map((name) => (switches.has(name) ? `--${name}` : `--${name} …`)).join(' ');
  throw new UsageError(
    `npm kept ${swallowed.map((name) => `--${name}`).join(' ')} for itself. Put -- before the flags, so that they reach the workbook: npm run ${script}${verb} -- ${flags}`,
  );
};

/**
 * Reads the workbook's own flags and leaves the rest for the lesson.
 *
 * @param args - what stands behind the lesson's number
 * @returns the command
 * @throws UsageError when a flag lacks its value, or a port is none
 */
export const readLessonCommand = (args: string[]): LessonCommand => {
  refuseSwallowed(['solution', 'json', 'own', 'host', 'port'], args);
  const { values, tokens } = parseArgs({
    args,
    options: ownFlags,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'host' || token.name === 'port') needValue(token);
    else if (token.name in ownFlags && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value: it is there, or it is not.`);
    }
  }
  let verb: string | undefined;
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (verb === undefined && rest.length === 0) verb = token.value;
      else rest.push(token.value);
    } else if (token.kind === 'option' && !(token.name in ownFlags)) {
      rest.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`);
    }
  }
  return {
    verb,
    answers: values.solution === true ? 'solutions' : 'lessons',
    yes: values.yes === true,
    json: values.json === true,
    own: values.own === true,
    host: values.host === undefined ? undefined : hostName(String(values.host)),
    port: values.port === undefined ? undefined : portNumber(String(values.port)),
    rest,
  };
};

/**
 * Reads the flags that answer a client's questions ahead.
 *
 * @param rest - what {@link readLessonCommand} left
 * @param questions - what the client asks; each key is a flag
 * @returns the answers given ahead, by key
 * @throws UsageError for an unknown flag, a missing value, an answer that is no choice, or a stray word
 */
export const readAnswers = (rest: string[], questions: Questions): Record<string, string[]> => {
  const names = Object.keys(questions);
  refuseSwallowed(names, []);
  const known = [...names, ...ownFlagNames];
  const options = Object.fromEntries(
    names.map((name) => [name, { type: 'string', multiple: true } as const]),
  );
  const { values, tokens } = parseArgs({
    args: rest,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (names.length === 0) throw new UsageError(`"${token.value}" is not understood here.`);
      throw new UsageError(
        `"${token.value}" stands alone. Put it behind a flag: ${names.map((name) => `--${name}`).join(', ')}.`,
      );
    }
    if (token.kind !== 'option') continue;
    if (!names.includes(token.name)) {
      const list = known.map((name) => `--${name}`).join(', ');
      throw new UsageError(
        `There is no flag ${token.rawName}.${didYouMean(
          token.rawName,
          known.map((name) => `--${name}`),
        )} This lesson takes ${list}.`,
      );
    }
    needValue(token);
    const { choices } = questions[token.name]!;
    const answer = token.value ?? '';
    if (choices && !choices.includes(answer)) {
      throw new UsageError(
        `"${answer}" is no answer to --${token.name}.${didYouMean(answer, choices)} It takes one of: ${choices.join(', ')}.`,
      );
    }
  }
  return values as Record<string, string[]>;
};
