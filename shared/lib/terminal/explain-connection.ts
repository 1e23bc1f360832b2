import { status, type ServiceError } from '@grpc/grpc-js';
import { explainStatus } from './explain-status.ts';

/** What can be said of a call that has failed. */
export interface Explained {
  /** What the client has seen: the status, and the words of grpc-js without its trimmings. */
  seen: string;
  /** What that means, and what to do, in plain words; undefined when there is nothing to add to what was seen. */
  means: string | undefined;
}

/** What the client knows of the connection that it wanted. */
export interface Wanted {
  /** Host and port that were called. */
  address: string;
  /** What the client showed of itself: nothing, because it spoke without TLS; no certificate; or its certificate. */
  shows: 'nothing' | 'no certificate' | 'a certificate';
}

/**
 * What grpc-js says when it has no connection, without what differs from run to run and between versions of Node.js:
 * "Last error: Error: …", a time, the number of a thread, a line of OpenSSL's source, a hint of Node.js.
 */
const words = (details: string): string =>
  (/Last error: ([\s\S]*?)\s*(?:\. Resolution note:[\s\S]*)?$/.exec(details)?.[1] ?? details)
    .replace(/^Error(?: \[\w+\])?: /, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, '')
    .replace(/^[0-9A-F]+:error:[0-9A-F]+:SSL routines:\w*:([^:]+):[\s\S]*$/, '$1')
    .replace(/; if the root CA is installed locally[\s\S]*$/, '')
    .trim();

const noCertificate = (): string =>
  'The server wants to know who calls, and this client has shown no certificate. Give createSsl its key and its certificate too.';

const closed =
  /Failed to connect|ECONNRESET|EPIPE|[Ss]ocket (?:closed|hang up)|disconnected before secure|Connection dropped/;

// In the order in which they are looked through. Seen with Node.js 20, 22, 24 and 26.
const meanings: {
  seen: RegExp;
  when?: (wanted: Wanted) => boolean;
  means: (wanted: Wanted) => string;
}[] = [
  {
    seen: /wrong version number|packet length too long/,
    means: ({ address }) =>
      `The client began with TLS, and what came back was not TLS. The server at ${address} speaks without it, or is no gRPC server: check the port, or use createInsecure() where that is what you want.`,
  },
  {
    seen: /unable to verify the first certificate|unable to get local issuer|self.signed certificate/,
    means: () =>
      'The server has shown a certificate, and no authority that this client trusts has vouched for it. Either it is another server than you think, or the client was given the wrong authority.',
  },
  {
    seen: /does not match certificate's altnames|is not in the cert's/,
    means: () =>
      'The certificate is genuine, but it was made for other names than the one this client called. Call the server by a name that its certificate has, or have one made for this name.',
  },
  {
    seen: /ServerName to an IP address/,
    means: () =>
      'From version 26 on, Node.js looks for a server by its name alone, and this client expects an IP address. Call the server by a name, or say with grpc.ssl_target_name_override which one its certificate has.',
  },
  {
    seen: /certificate has expired/,
    means: () =>
      "A certificate that the server has shown is past its last day: its own, or its authority's. It has to be renewed: npm run lesson:10 certs. If it looks good to you, compare the clocks of the two machines.",
  },
  {
    seen: /certificate is not yet valid/,
    means: () =>
      'The certificate that the server has shown begins to be good at a later time. Compare the clocks of the two machines.',
  },
  {
    seen: /unsuitable certificate purpose/,
    means: () => 'The server has shown a certificate that was made for a client, and not for a server.',
  },
  {
    seen: /alert certificate required|alert handshake failure/,
    means: noCertificate,
  },
  {
    seen: /alert (?:unknown ca|bad certificate|certificate expired|certificate unknown)/,
    means: () =>
      'The server has refused the certificate of this client: it is expired, or of an authority that the server does not trust, or was not made for a client.',
  },
  // A server that refuses for reasons of its own closes the connection, and that is all that the client can see.
  {
    seen: closed,
    when: ({ shows }) => shows === 'nothing',
    means: () =>
      'The server took the connection and closed it without a word. Most likely it wants TLS, and this client speaks without: use createSsl.',
  },
  {
    seen: closed,
    when: ({ shows }) => shows === 'no certificate',
    means: noCertificate,
  },
  {
    seen: closed,
    means: () =>
      'The client was content with the server, but the server closed the connection without a word. Most likely it has refused the certificate of this client: it is expired, or of an authority that the server does not trust, or was not made for a client.',
  },
];

/**
 * Says in plain words why there was no secure connection. grpc-js has one status for all of it, UNAVAILABLE, and its
 * details are those of OpenSSL, which puzzle people.
 *
 * @param error - the status that the call ended with
 * @param wanted - what the client wanted
 * @returns what was seen, and what it means; for a call that failed on a good connection as well
 */
export const explainConnection = (error: ServiceError, wanted: Wanted): Explained => {
  const said = words(error.details);
  const seen = `${status[error.code] ?? error.code}: ${said}`;
  const known =
    error.code === status.UNAVAILABLE &&
    // Other words are the service's own.
    error.details.startsWith('No connection established') &&
    meanings.find(({ seen: pattern, when }) => pattern.test(said) && (when?.(wanted) ?? true));
  if (known) return { seen, means: known.means(wanted) };
  if (error.code === status.UNAUTHENTICATED) {
    return { seen, means: 'The call got through, and the server does not know who makes it.' };
  }
  if (error.code === status.PERMISSION_DENIED) {
    return {
      seen,
      means: 'The server knows who makes the call, and this is not for them. The connection was good.',
    };
  }
  const explained = explainStatus(error, wanted.address);
  const means = explained.slice(explained.indexOf(': ') + 2);
  return { seen, means: means === said ? undefined : means };
};
