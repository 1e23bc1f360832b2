import { ServerCredentials } from '@grpc/grpc-js';
import { CannotUseCertificates, type Certificates } from './folder.ts';

/** How often to look for renewed certificates, in milliseconds. */
const pause = 2_000;

/**
 * Credentials whose certificates can be replaced while the server runs. grpc-js hands the new ones to Node.js's
 * `setSecureContext`: connections that are open go on with the old ones, new connections get the new ones. Its own
 * (experimental) certificate providers are built on the same two methods, but make no use of `createSsl`.
 */
class RenewableCredentials extends ServerCredentials {
  constructor(first: ServerCredentials) {
    super(first._getConstructorOptions(), first._getSecureContextOptions() ?? undefined);
  }

  take(next: ServerCredentials): void {
    this.updateSecureContextOptions(next._getSecureContextOptions());
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** What is renewed, and how. */
interface Renewal {
  /** Reads the certificates as they are now, and looks whether they are good. */
  read: () => Certificates;
  /** Makes credentials of them. */
  make: (certificates: Certificates) => ServerCredentials;
  /** Called each time new certificates are in use. */
  onRenewed: () => void;
  /** Called with one sentence when what is there now cannot be used: the server stays with what it has. */
  onRefused: (why: string) => void;
  /** How often to look, in milliseconds. */
  every?: number;
}

const same = (a: Certificates, b: Certificates): boolean =>
  a.authority.equals(b.authority) &&
  a.own.certificate.equals(b.own.certificate) &&
  a.own.key.equals(b.own.key);

/**
 * Makes a server's credentials that follow its certificates: when these are renewed, connections made from then on get
 * the new ones, without a restart. Files are read again and again, because being told of changes is not to be relied on
 * for every file system.
 *
 * @returns the credentials, and how to stop following; it keeps no process alive
 * @throws CannotUseCertificates when the first certificates cannot be used; or what `make` throws
 */
export const renewing = ({
  read,
  make,
  onRenewed,
  onRefused,
  every = pause,
}: Renewal): { credentials: ServerCredentials; stop: () => void } => {
  let current = read();
  let refused = '';
  const credentials = new RenewableCredentials(make(current));
  const look = (): void => {
    try {
      const next = read();
      refused = '';
      if (same(next, current)) return;
      credentials.take(make(next));
      current = next;
      onRenewed();
    } catch (error) {
      if (!(error instanceof CannotUseCertificates)) throw error;
      // Once for each reason, and not each time.
      if (error.message !== refused) onRefused(error.message);
      refused = error.message;
    }
  };
  const timer = setInterval(look, every).unref();
  return { credentials, stop: () => clearInterval(timer) };
};
