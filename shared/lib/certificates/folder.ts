import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileProblem } from '../storage/file-errors.ts';
import { writeWhole } from '../storage/atomic-write.ts';
import { CannotUseCertificates } from './cannot-use-certificates.ts';
import { daysGood, issueClient, issueServer, makeAuthority, type Identity, type Life } from './issue.ts';

/** Where the workbook keeps its certificates, from its top folder on. They are for learning, and for this machine. */
export const certificatesFolder = '.workbook/certificates';

/** The command that makes them, and renews them. */
const remedy = 'Make new ones: npm run lesson:10 certs';

/** Under these names and addresses clients on this machine call the server. */
const hosts = ['localhost', '127.0.0.1', '::1'] as const;

/** Whose client certificates there are. */
export const users = ['ada', 'guest'] as const;

/** Certificates begin to be good a little earlier than they are made, in milliseconds: clocks differ. */
const leeway = 5 * 60 * 1_000;

/** What a party to a secure connection has. */
export interface Certificates {
  /** Its own certificate and key. */
  identity: Identity;
  /** The certificate of the authority that it trusts, as PEM. */
  authority: Buffer;
}

const refuse = (file: string, what: string): never => {
  throw new CannotUseCertificates(`${file} ${what}. ${remedy}`);
};

const bytesOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(file, code === 'ENOENT' ? 'is not there' : `cannot be read: ${fileProblem(error)}`);
  }
};

const parsed = <T>(file: string, what: string, parse: () => T): T => {
  try {
    return parse();
  } catch {
    return refuse(file, `is damaged: it should hold ${what}, as PEM`);
  }
};

const dayOf = (date: Date): string => date.toISOString();

/** Reads a certificate that is good now. */
const certificateIn = (file: string, now: number): { pem: Buffer; certificate: X509Certificate } => {
  const pem = bytesOf(file);
  const certificate = parsed(file, 'a certificate', () => new X509Certificate(pem));
  const until = new Date(certificate.validTo);
  const from = new Date(certificate.validFrom);
  if (now > until.getTime()) refuse(file, `has expired: it was good until ${dayOf(until)}`);
  if (now < from.getTime()) refuse(file, `is not good yet: it will be from ${dayOf(from)} on`);
  return { pem, certificate };
};

const identityIn = (folder: string, name: string, now: number) => {
  const file = path.join(folder, `${name}.crt`);
  const { pem, certificate } = certificateIn(file, now);
  const keyFile = path.join(folder, `${name}.key`);
  const key = bytesOf(keyFile);
  const secret = parsed(keyFile, 'a private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(secret)) refuse(keyFile, `does not fit ${file}: they are not of one pair`);
  return { file, certificate, identity: { certificate: pem, key } };
};

/**
 * Reads what one party needs for a secure connection, and looks whether it can be of use.
 *
 * @param folder - where the certificates are
 * @param name - whose: `server`, or a user's name
 * @param now - the time, in milliseconds since 1970
 * @returns the certificates
 * @throws CannotUseCertificates when one is missing, damaged, expired or not good yet, is not of this authority, or has
 * a key that does not fit
 */
export const readCertificates = (folder: string, name: string, now = Date.now()): Certificates => {
  const authorityFile = path.join(folder, 'ca.crt');
  const { pem, certificate: authority } = certificateIn(authorityFile, now);
  const { file, certificate, identity } = identityIn(folder, name, now);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    refuse(file, `was not issued by the authority in ${authorityFile}`);
  }
  return { identity, authority: pem };
};

const write = (folder: string, name: string, { certificate, key }: Identity): void => {
  // The key first: a reader in between sees that key and certificate do not match, and keeps the old ones.
  writeWhole(path.join(folder, `${name}.key`), key, { mode: 0o600 });
  writeWhole(path.join(folder, `${name}.crt`), certificate, { mode: 0o600 });
};

/** @returns the authority in a folder; undefined unless it outlives the certificates that it is to vouch for */
const authorityThatLasts = (folder: string, { from, days: wanted }: Life): Identity | undefined => {
  try {
    const { certificate, identity } = identityIn(folder, 'ca', from + leeway);
    const rest = new Date(certificate.validTo).getTime() - from;
    return certificate.ca && rest >= wanted * 24 * 60 * 60 * 1_000 ? identity : undefined;
  } catch (error) {
    if (!(error instanceof CannotUseCertificates)) throw error;
    return undefined;
  }
};

/**
 * Makes a server's and some clients' certificates, in files that only their owner may read. The authority stays the
 * same as long as it can, so that clients keep trusting it. It is made anew when it is missing or damaged, or
 * ends too soon.
 *
 * @param folder - where to; it is made when it is not there
 * @param now - the time, in milliseconds since 1970
 * @returns the names of the certificates and until when each is good
 * @throws CannotUseCertificates when the files cannot be written
 */
export const writeCertificates = async (
  folder: string,
  now = Date.now(),
): Promise<{ name: string; until: Date }[]> => {
  const life = { from: now - leeway, days: daysGood.other };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // It may have been there before, with other rights.
    chmodSync(folder, 0o700);
    const kept = authorityThatLasts(folder, life);
    const authority = kept ?? (await makeAuthority({ from: life.from, days: daysGood.authority }));
    if (!kept) write(folder, 'ca', authority);
    write(folder, 'server', await issueServer(authority, hosts, life));
    for (const user of users) write(folder, user, await issueClient(authority, user, life));
  } catch (error) {
    if (error instanceof CannotUseCertificates || (error as NodeJS.ErrnoException).code === undefined)
      throw error;
    // The path of what could not be written: of a file, or of the folder itself.
    const { path: at = folder } = error as NodeJS.ErrnoException;
    throw new CannotUseCertificates(
      `Certificates cannot be kept in ${folder}: ${fileProblem(error)} (${at}).`,
    );
  }
  return ['ca', 'server', ...users].map((name) => ({
    name,
    until: new Date(new X509Certificate(bytesOf(path.join(folder, `${name}.crt`))).validTo),
  }));
};

/**
 * Makes certificates where there are none at all, so that a lesson can be run on a fresh clone.
 *
 * @param folder - where they are looked for
 * @returns whether they had to be made
 * @throws CannotUseCertificates when they cannot be written
 */
export const makeMissingCertificates = async (folder: string): Promise<boolean> => {
  // A link that leads nowhere is there too, and for its owner to mend.
  if (lstatSync(path.join(folder, 'ca.crt'), { throwIfNoEntry: false })) return false;
  await writeCertificates(folder);
  return true;
};
