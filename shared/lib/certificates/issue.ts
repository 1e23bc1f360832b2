import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and the private key that belongs to it, both as PEM. */
export interface Identity {
  certificate: Buffer;
  key: Buffer;
}

/** How long a certificate is good. */
export interface Life {
  /** Since when, in milliseconds since 1970. */
  from: number;
  /** For how many days. */
  days: number;
}

/** How long the workbook's certificates are good, in days: so short that renewing them must be easy, and so is done. */
export const daysGood = { authority: 30, other: 7 } as const;

const day = 24 * 60 * 60 * 1_000;

/** ECDSA over P-256 with SHA-256: every TLS library knows it, and its keys are made in a moment (RFC 8422, RFC 8446). */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * How a user's name stands in a certificate: as a URI among its alternative names. `urn:grpc-workbook:` is the workbook's
 * own; in a service mesh it would be a SPIFFE ID.
 */
const userUri = 'urn:grpc-workbook:user:';

/** What may be a user's name in a certificate. */
export const userName = /^[a-z][a-z0-9-]{0,39}$/;

// Loaded here, because it takes half a second and only issuing needs it. Its container wants the
// metadata of decorators, which JavaScript does not have.
const library = async () => {
  await import('reflect-metadata');
  return import('@peculiar/x509');
};

const keyOf = (pem: Buffer): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }),
    algorithm,
    false,
    ['sign'],
  );

/** What kind of certificate to make. */
interface Kind {
  /** Whom it is about: the subject's common name. */
  name: string;
  life: Life;
  /** Who vouches for it; an authority vouches for itself. */
  authority?: Identity;
  /** Whom it stands for: what it says beyond the name. */
  leaf?: { usage: 'serverAuth' | 'clientAuth'; names: { type: 'dns' | 'ip' | 'url'; value: string }[] };
}

const make = async ({ name, life, authority, leaf }: Kind): Promise<Identity> => {
  const x509 = await library();
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = authority && new x509.X509Certificate(authority.certificate.toString());
  // Critical: a verifier that does not know it must refuse the certificate. RFC 5280, sections 4.2.1.3 and 4.2.1.9.
  const critical = true;
  const usages = leaf
    ? x509.KeyUsageFlags.digitalSignature
    : x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
  const made = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [name] }],
      issuer: issuer ? issuer.subject : [{ CN: [name] }],
      notBefore: new Date(life.from),
      notAfter: new Date(life.from + life.days * day),
      signingAlgorithm: algorithm,
      publicKey: pair.publicKey,
      signingKey: authority ? await keyOf(authority.key) : pair.privateKey,
      extensions: [
        // An authority vouches for servers and clients, and for no authority below it.
        new x509.BasicConstraintsExtension(!leaf, leaf ? undefined : 0, critical),
        new x509.KeyUsagesExtension(usages, critical),
        await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
        ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)] : []),
        ...(leaf
          ? [
              // What was made for a client is no good for a server.
              new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[leaf.usage]]),
              new x509.SubjectAlternativeNameExtension(leaf.names),
            ]
          : []),
      ],
    },
    // Node.js and browsers name the types of the same thing differently.
    webcrypto as never,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
  return {
    certificate: Buffer.from(`${made.toString('pem')}\n`),
    key: Buffer.from(`${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`),
  };
};

/**
 * Makes an authority: a certificate that vouches for itself, and can vouch for servers and clients.
 *
 * @param life - how long it is good
 * @param name - what it is called
 * @returns the authority; its key can make certificates for any name that its clients accept
 */
export const makeAuthority = (life: Life, name = 'gRPC Workbook authority'): Promise<Identity> =>
  make({ name, life });

/**
 * @param authority - the authority that signs it
 * @param hosts - the names and IP addresses under which clients may call it
 * @param life - how long the certificate is good
 * @returns a server's certificate and key
 */
export const issueServer = (
  authority: Identity,
  hosts: readonly [string, ...string[]],
  life: Life,
): Promise<Identity> =>
  make({
    name: hosts[0],
    life,
    authority,
    leaf: {
      usage: 'serverAuth',
      names: hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
    },
  });

/**
 * @param authority - the authority that signs it
 * @param user - whose client it is, a name as {@link userName} allows it
 * @param life - how long the certificate is good
 * @param options - `uri`: what to name instead of the workbook's user, to see that nobody takes it for one
 * @returns a client's certificate and key
 * @throws RangeError when the name is none
 */
export const issueClient = (
  authority: Identity,
  user: string,
  life: Life,
  { uri = userUri + user } = {},
): Promise<Identity> => {
  if (!userName.test(user)) throw new RangeError(`"${user}" cannot be a user's name in a certificate`);
  const names = [{ type: 'url' as const, value: uri }];
  return make({ name: user, life, authority, leaf: { usage: 'clientAuth', names } });
};

/**
 * Reads the name of a client. Trust it only when a trusted authority has signed it: ask with a certificate whose
 * chain has been checked.
 *
 * @param certificate - the certificate, as `getPeerCertificate()` or `X509Certificate` gives its bytes
 * @returns the user's name; undefined when it names no user, or more than one
 */
export const userIn = (certificate: { raw: Buffer }): string | undefined => {
  const names = new X509Certificate(certificate.raw).subjectAltName?.split(', ') ?? [];
  // Node.js puts a name with anything unusual in it into quotes: such a one is no user's.
  const users = names.filter((name) => name.startsWith(`URI:${userUri}`));
  const user = users.length === 1 ? users[0]!.slice(`URI:${userUri}`.length) : '';
  return userName.test(user) ? user : undefined;
};
