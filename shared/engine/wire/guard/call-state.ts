import { constants } from 'node:http2';

/**
 * How far one call has come, as its server knows it. grpc-js has no such thing: it emits 'cancelled' for every call in
 * the end, also for one that ended well, and sets `call.cancelled` with it.
 */
export class CallState {
  #outcome: 'open' | 'answered' | 'refused' | 'abandoned' = 'open';
  #clientSends: boolean;

  /** @param clientSends - whether the client may still send when the handler is called: it streams */
  constructor(clientSends: boolean) {
    this.#clientSends = clientSends;
  }

  /** A status has been sent, or no client is left to read one. */
  get over(): boolean {
    return this.#outcome !== 'open';
  }

  /** The client left before a status was sent. */
  get abandoned(): boolean {
    return this.#outcome === 'abandoned';
  }

  /** A status goes out. @param failed - whether it is another one than OK */
  end(failed: boolean): void {
    this.#outcome = failed ? 'refused' : 'answered';
  }

  abandon(): void {
    this.#outcome = 'abandoned';
  }

  halfClose(): void {
    this.#clientSends = false;
  }

  /**
   * A client that cancels, or whose deadline passes, closes its half first: only the reset behind it tells the truth.
   * A client that was still sending when it got its status also resets the stream, and has left nothing.
   *
   * @param rstCode - the code of HTTP/2 with which the call's stream was closed
   * @returns whether the client cancelled a call that the server had already answered with OK
   */
  cancelledLate(rstCode: number | undefined): boolean {
    return this.#outcome === 'answered' && !this.#clientSends && rstCode === constants.NGHTTP2_CANCEL;
  }
}
