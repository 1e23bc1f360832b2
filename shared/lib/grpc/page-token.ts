import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
/** Goes up when what is in a token changes: a token of another form is then refused, and never misread. */
const version = Buffer.of(1);
/** Lengths in bytes: the nonce and the tag are those that GCM is made for; the position is a 64-bit number. */
const nonceLength = 12;
const tagLength = 16;
const positionLength = 8;

/** Gives out page tokens, and reads them back. */
export interface PageTokens {
  /**
   * @param position - where a page ends: a whole number, at least 0
   * @returns a token that asks for what comes after it; it may stand in a URL as it is
   */
  after(position: number): string;
  /**
   * @param token - what a caller has sent
   * @returns the position; undefined unless the token was given out under the same key
   */
  read(token: string): number | undefined;
}

/**
 * Makes page tokens that tell nobody what is in them, and that nobody else can make (AIP-158): what a caller could
 * take apart, callers would come to rely on.
 *
 * @param key - 32 bytes from a cryptographic generator; the same for all servers that give out one list
 * @returns how to give out tokens, and how to read them
 */
export const pageTokens = (key: Buffer): PageTokens => ({
  after(position) {
    const content = Buffer.alloc(positionLength);
    content.writeBigUInt64BE(BigInt(position));
    const nonce = randomBytes(nonceLength);
    const sealing = createCipheriv(cipher, key, nonce).setAAD(version);
    const sealed = Buffer.concat([sealing.update(content), sealing.final()]);
    return Buffer.concat([version, nonce, sealed, sealing.getAuthTag()]).toString('base64url');
  },

  read(token) {
    const bytes = Buffer.from(token, 'base64url');
    const nonceEnd = version.length + nonceLength;
    const sealedEnd = nonceEnd + positionLength;
    // Node.js reads base64 generously: only what encodes to the same text again is what was given out.
    if (bytes.length !== sealedEnd + tagLength || bytes.toString('base64url') !== token) return undefined;
    if (!bytes.subarray(0, version.length).equals(version)) return undefined;
    const opening = createDecipheriv(cipher, key, bytes.subarray(version.length, nonceEnd), {
      authTagLength: tagLength,
    })
      .setAAD(version)
      .setAuthTag(bytes.subarray(sealedEnd));
    try {
      const content = Buffer.concat([opening.update(bytes.subarray(nonceEnd, sealedEnd)), opening.final()]);
      return Number(content.readBigUInt64BE());
    } catch {
      // The tag does not fit: it was not given out under this key.
      return undefined;
    }
  },
});
