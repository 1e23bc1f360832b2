import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import type { Ended } from '#testkit/watched-command.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

/** How a call is made. */
export interface How {
  /** What is sent, one message after the other, as JSON: by default one that is empty. */
  send?: object[];
  headers?: Record<string, string>;
  /** The files of a connection with TLS, and the name that the server's certificate should have. */
  tls?: { ca: string; cert?: string; key?: string; servername?: string };
}

/** How a call is made with gRPC for Python, which can do more. */
export interface PythonHow extends How {
  /** Whether each message is sent after the reply to the one before. */
  turns?: boolean;
  /** After how many replies the call is cancelled. */
  enough?: number;
  /** How long the call may take, in seconds. */
  timeout?: number;
  /** Whether requests are compressed. */
  gzip?: boolean;
  /** What is called instead of the method's own path, with its messages. */
  path?: string;
}

/** How a call has ended. */
export interface Answer {
  /** The messages that came, as JSON. */
  replies: unknown[];
  /** The status's name, and its text. */
  code: string;
  message: string;
  /** The status's details, as JSON, each with its `@type`. */
  details: { '@type': string }[];
}

/** @returns the answer of a call that has ended well */
export const ok = (...replies: unknown[]): Answer => ({ replies, code: 'OK', message: 'OK', details: [] });

/** @returns what a detail is that comes with a status, by its name in google.rpc, for example `BadRequest` */
export const detail = (name: string, content: object = {}): { '@type': string } => ({
  '@type': `type.googleapis.com/google.rpc.${name}`,
  ...content,
});

/** @returns the BadRequest that names these fields */
export const badRequest = (...fieldViolations: { field: string; description?: string }[]) =>
  detail('BadRequest', { fieldViolations });

/** @returns the arguments with which buf makes a call */
export const bufCommand = (address: string, method: string, { headers = {}, tls }: How): string[] => [
  'curl',
  '--protocol=grpc',
  ...(tls ? [] : ['--http2-prior-knowledge']),
  `--schema=${inWorkbook('protos')}`,
  '--data=@-',
  ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
  ...Object.entries(tls ?? {}).map(([name, value]) => `--${name === 'ca' ? 'cacert' : name}=${value}`),
  `${tls ? 'https' : 'http'}://${address}/${method}`,
];

/** The messages of google.rpc with the names that JSON has. */
const rpc = loadSync('rpc_status.proto', { includeDirs: [inWorkbook('protos')] });

/**
 * @param ended - how buf ended
 * @returns what it says of the call
 * @throws Error when it could not make the call
 */
export const answerOfBuf = ({ code: exitCode, stdout, stderr }: Ended): Answer => {
  // From 8 on it is a status; below, buf itself could not.
  if (exitCode !== 0 && (exitCode === null || exitCode < 8)) throw new Error(`buf has failed: ${stderr}`);
  const replies = stdout
    .split(/^(?=\{)/m)
    .filter((text) => text !== '')
    .map((text): unknown => JSON.parse(text));
  if (exitCode === 0) return ok(...replies);
  const {
    code,
    message,
    details = [],
  } = JSON.parse(stderr) as {
    code: string;
    message: string;
    details?: { type: string; value: string }[];
  };
  return {
    replies,
    code: code.toUpperCase(),
    message,
    details: details.map(({ type, value }) => ({
      '@type': `type.googleapis.com/${type}`,
      ...(rpc[type] as MessageTypeDefinition<object, object>).deserialize(Buffer.from(value, 'base64')),
    })),
  };
};
