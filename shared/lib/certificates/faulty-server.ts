import { ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { serve } from '../grpc/serve.ts';
import { issueServer, makeAuthority, type Life } from './issue.ts';

/** A server with which something is wrong, to see what a client makes of it. It serves no method. */
export interface Misfit {
  /** Its host and port. */
  address: string;
  /** The certificate of its authority, as PEM. */
  authority: Buffer;
  stop: () => void;
}

const day = 24 * 60 * 60 * 1_000;

/** @returns a life of this many days that begins so many days from now; a negative number: that many days ago */
export const lifeFrom = (inDays: number, days: number): Life => ({ from: Date.now() + inDays * day, days });

/**
 * Brings up a server on this machine that is right but for one thing. Its authority is its own, and is kept nowhere.
 *
 * @param service - the contract that a client thinks it calls
 * @param what - what is wrong: its certificate expired yesterday, or it speaks without TLS
 * @returns the server; stop it in the end
 */
export const misfit = async (service: ServiceDefinition, what: 'expired' | 'plaintext'): Promise<Misfit> => {
  const authority = await makeAuthority(lifeFrom(-9, 30));
  // All is right in it but the time.
  const { certificate, key } = await issueServer(authority, ['localhost', '127.0.0.1'], lifeFrom(-8, 7));
  const credentials =
    what === 'plaintext'
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  const { server, port } = await serve(service, {}, '127.0.0.1:0', credentials);
  return {
    address: `127.0.0.1:${port}`,
    authority: authority.certificate,
    stop: () => server.forceShutdown(),
  };
};
