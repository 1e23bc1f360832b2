import { note, ok, type Finding } from './finding.ts';

/** What grpc-js reads from the environment, and what each does in the workbook. Its sources name no others. */
const readByGrpc: Readonly<Record<string, string>> = {
  grpc_proxy: 'calls to other machines go through this proxy; those within this one do not, in the workbook',
  https_proxy: 'calls to other machines go through this proxy; those within this one do not, in the workbook',
  http_proxy: 'calls to other machines go through this proxy; those within this one do not, in the workbook',
  WORKBOOK_IGNORED_ROOTS:
    'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names this file, and it is not there: the workbook does without it, and other programs with gRPC will fail',
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: 'TLS trusts the authorities in this file where a program names none',
  GRPC_SSL_CIPHER_SUITES:
    'TLS uses these ciphers and no others: lesson 10 fails when the two sides have none in common',
  GRPC_VERBOSITY: 'grpc-js prints more',
  GRPC_NODE_VERBOSITY: 'grpc-js prints more',
  GRPC_TRACE: 'grpc-js prints what it does',
  GRPC_NODE_TRACE: 'grpc-js prints what it does',
  GRPC_NODE_USE_ALTERNATIVE_RESOLVER: 'grpc-js looks names up in another way',
  GRPC_NODE_DEBUG_SEND_ERROR_DETAILS: 'a server of grpc-js tells callers more of its errors',
  GRPC_EXPERIMENTAL_ENABLE_OUTLIER_DETECTION: 'grpc-js leaves servers out that fail, or does not',
};

/** Looks which variables are set that change what grpc-js does. */
export const lookAtEnvironment = (environment: NodeJS.ProcessEnv = process.env): Finding => {
  const set = Object.entries(readByGrpc).filter(([name]) => environment[name]);
  if (set.length === 0) return ok('No environment variable changes what gRPC does.');
  return note(
    `Environment variables that change what gRPC does: ${set.map(([name, what]) => `${name}=${environment[name]} (${what})`).join('; ')}.`,
  );
};
