import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueClient, issueServer, makeAuthority, userIn } from './issue.ts';
import { lifeFrom } from './faulty-server.ts';

const life = lifeFrom(0, 7);
const authority = await makeAuthority(lifeFrom(0, 30));
// In this order: see issue.ts.
await import('reflect-metadata');
const {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate: WholeCertificate,
} = await import('@peculiar/x509');

/** Reads what Node.js does not tell. */
const whole = ({ certificate }: { certificate: Buffer }) => new WholeCertificate(String(certificate));
const read = ({ certificate }: { certificate: Buffer }): X509Certificate => new X509Certificate(certificate);

describe('an authority', () => {
  it('does not vouch for what another authority of the same name has issued', async () => {
    const other = read(await makeAuthority(life));
    expect(read(await issueServer(authority, ['localhost'], life)).verify(other.publicKey)).toBe(false);
  });
});

describe('what a certificate may be used for', () => {
  it('is to vouch for others, of an authority, but for no authority below it', () => {
    const made = whole(authority);
    expect(made.subject).toBe('CN=gRPC Workbook authority');
    expect(made.issuer).toBe(made.subject);
    expect(made.getExtension(BasicConstraintsExtension)).toMatchObject({
      ca: true,
      pathLength: 0,
      critical: true,
    });
    expect(made.getExtension(KeyUsagesExtension)).toMatchObject({
      usages: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
      critical: true,
    });
    expect(made.getExtension(AuthorityKeyIdentifierExtension)).toBeNull();
  });

  it('is to sign for itself, of all others', async () => {
    for (const made of [
      whole(await issueServer(authority, ['localhost', '127.0.0.1'], life)),
      whole(await issueClient(authority, 'localhost', life)),
    ]) {
      expect(made.subject).toBe('CN=localhost');
      expect(made.issuer).toBe('CN=gRPC Workbook authority');
      expect(made.getExtension(BasicConstraintsExtension)).toMatchObject({
        ca: false,
        pathLength: undefined,
        critical: true,
      });
      expect(made.getExtension(KeyUsagesExtension)).toMatchObject({
        usages: KeyUsageFlags.digitalSignature,
        critical: true,
      });
      expect(made.getExtension(AuthorityKeyIdentifierExtension)?.keyId).toBe(
        whole(authority).getExtension(SubjectKeyIdentifierExtension)!.keyId,
      );
    }
  });

  it('is in files of PEM that end with a line, with a key of P-256', async () => {
    const { certificate, key } = await issueServer(authority, ['localhost'], life);
    expect(String(certificate)).toMatch(
      /^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\n$/,
    );
    expect(String(key)).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/);
    const secret = createPrivateKey(key);
    expect(secret.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(read({ certificate }).checkPrivateKey(secret)).toBe(true);
  });
});

describe('a certificate', () => {
  it('has a serial number and a key of its own', async () => {
    const [one, two] = [await issueClient(authority, 'ada', life), await issueClient(authority, 'ada', life)];
    expect(read(one).serialNumber).not.toBe(read(two).serialNumber);
    expect(read(one).publicKey.equals(read(two).publicKey)).toBe(false);
  });
});

describe('userIn', () => {
  it.each([
    'urn:somebody-else:user:ada',
    'urn:grpc-workbook:user:',
    'urn:grpc-workbook:user:Ada',
    'urn:grpc-workbook:user:ada, URI:urn:grpc-workbook:user:root',
    'urn:grpc-workbook:user:ada"',
    'urn:grpc-workbook:user:ada:admin',
    `urn:grpc-workbook:user:${'a'.repeat(41)}`,
  ])('finds no user in %s', async (uri) => {
    expect(userIn(read(await issueClient(authority, 'ada', life, { uri })))).toBeUndefined();
  });

  it('finds no user in the certificate of a server', async () => {
    expect(userIn(read(await issueServer(authority, ['localhost'], life)))).toBeUndefined();
    expect(userIn(read(authority))).toBeUndefined();
  });

  it.each(['', 'Ada', 'ada lovelace', 'ada,root', '-ada', 'a'.repeat(41)])(
    'is asked about no user that cannot be named: %j',
    (user) =>
      expect(() => issueClient(authority, user, life)).toThrow(
        new RangeError(`"${user}" cannot be a user's name in a certificate`),
      ),
  );
});
