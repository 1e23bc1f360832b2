import { connect } from 'node:http2';
import type { Writable } from 'node:stream';
import { bound } from './time-limits.ts';
import { frame, messagesIn, statusIn } from './grpc-frames.ts';

/** What a client has read in the end. */
export interface Read<T> {
  messages: T[];
  /** The status's code and text; undefined when none came within a bound. */
  ended: { code: number; details: string } | undefined;
}

/** A client that has made its call, and does not read. */
export interface Stalled<T> {
  /** Resolves when the server has sent its metadata, or a status in its place. */
  begun: Promise<unknown>;
  /** Reads from now on: to the end, or until enough messages have come. */
  read(enough?: number): Promise<Read<T>>;
  /** Breaks the connection. */
  vanish(): void;
}

/** What a call needs to know of its method: a part of what the contract's service says of it. */
interface Method<Request, Reply> {
  path: string;
  requestSerialize(request: Request): Buffer;
  responseDeserialize(bytes: Buffer): Reply;
}

/**
 * Makes a call as a client that does not read: its window for HTTP/2's flow control is 0 bytes, so the server can send
 * metadata, and no message. A client of grpc-js cannot do that: it always reads some way ahead, and how far depends on
 * the version of Node.js.
 * The check ends its connection by reading to the end, or by {@link Stalled.vanish}; the server's end ends it as well.
 *
 * @param address - host and port of the server
 * @param method - the method, as the contract's service has it
 * @param requests - what the client has to say; it waits for a promise among them, and closes its half behind the last
 * @returns the client
 */
export const stalledAt = <Request, Reply>(
  address: string,
  method: Method<Request, Reply>,
  ...requests: (Request | Promise<unknown>)[]
): Stalled<Reply> => {
  const session = connect(`http://${address}`, { settings: { initialWindowSize: 0 } });
  const stream = session.request({
    ':method': 'POST',
    ':path': method.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  // How it ends is told by the trailers; a connection that breaks brings none.
  session.on('error', () => {});
  stream.on('error', () => {});
  const say = async (): Promise<void> => {
    let frames: Buffer[] = [];
    for (const request of requests) {
      if (request instanceof Promise) {
        stream.write(Buffer.concat(frames));
        frames = [];
        await request;
      } else frames.push(frame(method.requestSerialize(request)));
    }
    stream.end(Buffer.concat(frames));
  };
  void say();

  const read = (enough = Infinity): Promise<Read<Reply>> =>
    new Promise((resolve) => {
      let bytes: Buffer = Buffer.alloc(0);
      let ended: Read<Reply>['ended'];
      const finish = (): void => {
        clearTimeout(timer);
        session.destroy();
        resolve({ messages: messagesIn(bytes).map((message) => method.responseDeserialize(message)), ended });
      };
      const timer = setTimeout(finish, bound());
      const told = (headers: Record<string, unknown>): void => {
        ended = statusIn(headers) ?? ended;
      };
      stream.on('response', told);
      stream.on('trailers', told);
      stream.on('close', finish);
      stream.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (messagesIn(bytes).length >= enough) finish();
      });
      session.settings({ initialWindowSize: 65_535 });
    });

  const begun = new Promise((resolve) => stream.once('response', resolve));
  return { begun, read, vanish: () => session.destroy() };
};

/**
 * Watches how much a handler leaves to wait for its reader.
 *
 * @param call - the call, before the learner's handler gets it
 * @returns how many messages have waited at most so far, how many may wait before `write` returns false, and whether
 *   somebody has listened for the event drain
 */
export const watchedWrites = (call: Writable): { most: number; room: number; awaitsDrain: boolean } => {
  const watched = { most: 0, room: call.writableHighWaterMark, awaitsDrain: false };
  call.on('newListener', (event) => {
    watched.awaitsDrain ||= event === 'drain';
  });
  const { write } = call;
  call.write = (...given: unknown[]): boolean => {
    const hasRoom = Reflect.apply(write, call, given) as boolean;
    watched.most = Math.max(watched.most, call.writableLength);
    return hasRoom;
  };
  return watched;
};
