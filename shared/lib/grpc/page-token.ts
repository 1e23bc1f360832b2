import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
/** What GCM is made for, in bytes. */
const nonceLength = 12;
const authTagLength = 16;
/** All positions are written with as many digits as the largest, so that the length of a token tells nothing. */
const mostDigits = 16;

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
    const nonce = randomBytes(nonceLength);
    const sealing = createCipheriv(cipher, key, nonce, { authTagLength });
    const sealed = Buffer.concat([
      nonce,
      sealing.update(String(position).padStart(mostDigits, '0')),
      sealing.final(),
    ]);
    return Buffer.concat([sealed, sealing.getAuthTag()]).toString('base64url');
  },

  read(token) {
    const bytes = Buffer.from(token, 'base64url');
    // Node.js reads base64 generously: only what encodes to the same text again is what was given out.
    if (bytes.toString('base64url') !== token) return undefined;
    try {
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceLength), { authTagLength });
      opening.setAuthTag(bytes.subarray(-authTagLength));
      const sealed = bytes.subarray(nonceLength, -authTagLength);
      return Number(opening.update(sealed, undefined, 'utf8') + opening.final('utf8'));
    } catch {
      // It is too short, or its tag does not fit: it was not given out under this key.
      return undefined;
    }
  },
});
