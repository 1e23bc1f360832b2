/** What a sign-in has brought. */
export interface SignedIn {
  token: string;
  /** How long the token is good from now on, in milliseconds. */
  life: number;
}

/** So long before its end a token counts as run out: a call needs a moment to arrive. In milliseconds. */
const margin = 2_000;

/** Keeps a client's token in memory, and gets another one when it is wanted and there is none that is good. */
export class Session {
  readonly #signIn: () => Promise<SignedIn>;
  readonly #now: () => number;
  #current: { token: string; until: number } | undefined;
  #signingIn: Promise<string> | undefined;

  /**
   * @param signIn - gets a new token, for example by asking a person for a code
   * @param now - the time, in milliseconds
   */
  constructor(signIn: () => Promise<SignedIn>, now: () => number = Date.now) {
    this.#signIn = signIn;
    this.#now = now;
  }

  /**
   * @returns a token that is good, as far as this client's clock can tell; signs in when there is none. Whoever asks
   * meanwhile gets the same one.
   * @throws whatever the sign-in is rejected with; the next call tries again
   */
  token(): Promise<string> {
    if (this.#current && this.#now() < this.#current.until - margin)
      return Promise.resolve(this.#current.token);
    this.#signingIn ??= this.#begin().finally(() => {
      this.#signingIn = undefined;
    });
    return this.#signingIn;
  }

  /**
   * Forgets a token that the server no longer takes.
   *
   * @param metadata - the metadata of the call that was refused. When a newer token has come since, that one stays
   */
  forget(metadata: { get(key: string): unknown[] }): void {
    const [sent] = metadata.get('authorization');
    if (this.#current && sent === `Bearer ${this.#current.token}`) this.#current = undefined;
  }

  async #begin(): Promise<string> {
    const { token, life } = await this.#signIn();
    this.#current = { token, until: this.#now() + life };
    return token;
  }
}
