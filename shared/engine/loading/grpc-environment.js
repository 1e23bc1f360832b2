// @ts-check
// Plain JavaScript, because it comes before grpc-js, and before TypeScript can be loaded.
import { existsSync } from 'node:fs';

/**
 * Settles what grpc-js takes from the environment, for this process and for those that it starts: whatever is set on a
 * school's machine, calls within the machine arrive.
 */
export const settleGrpcEnvironment = () => {
  const { env } = process;
  // grpc-js sends calls to this very machine through a proxy too (`http_proxy.ts` in @grpc/grpc-js). Other hosts keep it.
  const hosts = (env.no_grpc_proxy || env.no_proxy || '').split(',').map((host) => host.trim());
  const direct = new Set([...hosts, '127.0.0.0/8', 'localhost', '::1']);
  env.no_grpc_proxy = [...direct].filter((host) => host !== '').join(',');
  // Where the file is not there, grpc-js fails even for a server that needs no authority (`tls-helpers.ts`).
  const roots = env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  if (roots && !existsSync(roots)) {
    delete env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
    env.WORKBOOK_IGNORED_ROOTS = roots;
  }
};
