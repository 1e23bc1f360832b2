import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messagesIn, statusIn } from '#kit/grpc-frames.ts';
import type { ServerProcess } from '../services/server-process.ts';
import type { AttackedService } from './attacked-services.ts';

/** How long an answer may take, in milliseconds. It only bounds what hangs. */
export const peerTimeoutMs = 60_000;

/** How a call has ended, or what is known of that so far. */
export interface Ended {
  /** gRPC's status; undefined when none came. */
  code: number | undefined;
  details: string;
  /** HTTP/2's reason for a reset, 0 when there was none. */
  reset: number;
}

/** A call of somebody who need not keep to any rule: what is written goes out as it is. */
export class RawCall {
  readonly stream: ClientHttp2Stream;
  /** What the server has said so far about the end. */
  readonly end: Ended = { code: undefined, details: '', reset: 0 };
  readonly #ended: Promise<Ended>;
  readonly #begun: Promise<unknown>;
  /** All bytes of replies that have come. */
  received: Buffer = Buffer.alloc(0);

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    const { end } = this;
    const told = (headers: Record<string, unknown>): void => void Object.assign(end, statusIn(headers));
    stream.on('response', told);
    stream.on('trailers', told);
    stream.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    // How it ends is told by the trailers, or by the reset.
    stream.on('error', () => {});
    const closed = new Promise((resolve) => void stream.once('close', resolve));
    this.#begun = Promise.race([closed, new Promise((resolve) => void stream.once('response', resolve))]);
    this.#ended = closed.then(() => Object.assign(end, { reset: stream.rstCode ?? 0 }));
  }

  /** Resolves with the end of the call, however it ends. */
  get ended(): Promise<Ended> {
    return awaited(this.#ended, `the end of ${this.stream.sentHeaders?.[':path']}`);
  }

  /** Resolves when the server has sent its headers, or the call has ended. */
  get begun(): Promise<unknown> {
    return awaited(this.#begun, `an answer of ${this.stream.sentHeaders?.[':path']}`);
  }

  /** Writes bytes. @returns once they are on their way */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => void this.stream.write(bytes, () => resolve()));
  }

  /** @returns the messages that have come in full */
  replies(): Buffer[] {
    return messagesIn(this.received);
  }
}

/**
 * @param server - the process of the servers
 * @param service - which of them
 * @returns a socket that begins to connect, and shakes hands where there is TLS; it says nothing of errors
 */
export const socketTo = (
  server: ServerProcess,
  { name, secured }: Pick<AttackedService, 'name' | 'secured'>,
): Socket => {
  const [host, port] = server.addressOf(name).split(':');
  const where = { host, port: Number(port) };
  const { ca, ...own } = server.certificates();
  const socket = secured
    ? connectTls({
        ...where,
        ca,
        ...(secured === 'its own' && own),
        ALPNProtocols: ['h2'],
        servername: 'localhost',
      })
    : connectTcp(where);
  return socket.on('error', () => {});
};

/** A connection of somebody who need not keep to any rule. */
export class RawClient {
  readonly session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #headers: OutgoingHttpHeaders;

  private constructor(session: ClientHttp2Session, socket: Socket, headers: OutgoingHttpHeaders) {
    this.session = session;
    this.#socket = socket;
    this.#headers = headers;
    // Each call tells how it ended.
    session.on('error', () => {});
  }

  /**
   * @param server - the process of the servers
   * @param service - which of them
   * @param settings - HTTP/2's settings
   * @param headers - headers for each call
   * @returns the connection, once it is there
   */
  static async to(
    server: ServerProcess,
    service: Pick<AttackedService, 'name' | 'secured'>,
    settings: Settings | undefined,
    headers: OutgoingHttpHeaders = {},
  ): Promise<RawClient> {
    const socket = socketTo(server, service);
    const session = connect(`http://${server.addressOf(service.name)}`, {
      settings,
      // By itself, Node.js would not even send headers over the limit, or let much wait to be sent.
      maxSendHeaderBlockLength: 2 ** 20,
      maxSessionMemory: 1_024,
      createConnection: () => socket,
    });
    const client = new RawClient(session, socket, headers);
    await once(session, 'connect');
    return client;
  }

  /** Opens a call and sends nothing but its headers. */
  call(path: string, headers: OutgoingHttpHeaders = {}): RawCall {
    return new RawCall(
      this.session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...this.#headers,
        ...headers,
      }),
    );
  }

  /** Makes a call of these bytes, from the headers to the half-close. */
  send(path: string, bytes: Uint8Array, headers?: OutgoingHttpHeaders): RawCall {
    const call = this.call(path, headers);
    call.stream.end(bytes);
    return call;
  }

  /** Resolves when the server has taken in all that was sent before. */
  ping(): Promise<unknown> {
    return awaited(new Promise((resolve) => this.session.ping(resolve)), 'the answer to a ping');
  }

  /** Is gone, without a word. */
  vanish(): void {
    this.#socket.destroy();
  }
}

/**
 * @param promise - what is waited for
 * @param what - what that is, in words
 * @returns what it resolves with
 * @throws Error when it does not come
 */
export const awaited = async <T>(promise: Promise<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), peerTimeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
