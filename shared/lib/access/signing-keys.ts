import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import path from 'node:path';
import { CannotOpenDatabase } from '../storage/database-errors.ts';
import { NotIdentified } from './tokens.ts';
import {
  inEnvironment,
  newSecret,
  readSecrets,
  replaceSecrets,
  type SecretPlace,
} from '../storage/secret-file.ts';

/** A key that signs tokens. Who has the public half can check a signature, and make none. */
export interface SigningKey {
  /** Its name, which a token carries in its header: the server sees which key to check with. */
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** How many keys a file keeps when a new one comes: tokens of the others stay good until they run out. */
const mostKeys = 3;

/** The least time between two looks at the file for a key that is not known, in milliseconds. */
const pause = 1_000;

/** What stands before the 32 bytes of a private key of Ed25519 in PKCS #8 (RFC 8410, section 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

const keyOf = (secret: Buffer): SigningKey => {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  // The name of a key is made of its public half: equal on every server, and nothing that tells about the secret.
  const kid = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16);
  return { kid, privateKey, publicKey };
};

/**
 * The keys of a server that signs tokens, the newest first. They are kept beside the database, or in the environment
 * variable `TOKEN_KEYS`: 32 random bytes in base64 for each, the newest first.
 */
export class SigningKeys {
  readonly #place: SecretPlace;
  readonly #now: () => number;
  #keys: SigningKey[];
  #readAt: number;

  /**
   * @param database - the file of the database; the keys are in the file of that name with `.token-keys` behind it,
   * readable for its owner alone, and made on the first start. For `:memory:` they are kept nowhere.
   * @param now - the time, in milliseconds
   * @throws CannotOpenDatabase when the keys are damaged, or cannot be kept
   */
  constructor(database: string, now: () => number = Date.now) {
    this.#place = {
      variable: 'TOKEN_KEYS',
      file: database === ':memory:' ? undefined : `${path.resolve(database)}.token-keys`,
      what: "the server's keys for signing tokens",
      whenDamaged: 'Bring it back from a copy, or delete it: then everybody has to sign in again.',
    };
    this.#now = now;
    this.#keys = readSecrets(this.#place).map(keyOf);
    this.#readAt = now();
  }

  /** The key that signs. */
  get newest(): SigningKey {
    return this.#keys[0]!;
  }

  /**
   * Finds the key to check a token with, for jose's `jwtVerify`.
   *
   * @param header - the header of the token, of which nothing has been checked yet
   * @returns the public half of the key that the token names
   * @throws NotIdentified when there is no such key
   */
  readonly keyFor = ({ kid }: { kid?: string }): KeyObject => {
    const key = this.find(kid);
    if (key) return key.publicKey;
    throw new NotIdentified('the token names no key that is known here');
  };

  /**
   * Finds the key that a token names. Another server on the same file may have begun with a new one, so the file is
   * read again for a name that is not known; at most once a second, however many names are sent.
   *
   * @param kid - what the header of a token says; a caller may have written anything there
   * @returns the key; undefined when there is none of this name
   */
  find(kid: unknown): SigningKey | undefined {
    const find = (): SigningKey | undefined => this.#keys.find((key) => key.kid === kid);
    const found = find();
    const { file } = this.#place;
    if (found || file === undefined) return found;
    if (this.#now() < this.#readAt + pause) return undefined;
    this.#readAt = this.#now();
    this.#keys = readSecrets(this.#place).map(keyOf);
    return find();
  }

  /**
   * Signs with a new key from now on. The two keys before it still check the tokens that they have signed: nobody has
   * to sign in again. Have one server do it, and the others on the same file follow.
   *
   * @throws CannotOpenDatabase when the new key cannot be kept, or the keys are in the environment, where only who has
   * set them can change them
   */
  rotate(): void {
    if (inEnvironment(this.#place)) {
      throw new CannotOpenDatabase(
        `The keys for signing tokens are in the environment variable ${this.#place.variable}: put a new one in front there, and leave the others until their tokens have run out.`,
      );
    }
    const { file } = this.#place;
    if (file === undefined) {
      this.#keys = [keyOf(newSecret()), ...this.#keys].slice(0, mostKeys);
      return;
    }
    const secrets = [newSecret(), ...readSecrets(this.#place)].slice(0, mostKeys);
    replaceSecrets({ ...this.#place, file }, secrets);
    this.#keys = readSecrets(this.#place).map(keyOf);
  }
}
