import type { ServerHttp2Stream } from 'node:http2';
import type { Metadata } from '@grpc/grpc-js';
import { statusText } from '../faults.ts';

export type Callback = (error: unknown, value?: unknown, ...rest: unknown[]) => void;
// What the wrapping needs of the four kinds of server call, which have no common type of their own.
export interface ServerCall {
  request?: unknown;
  metadata: Metadata;
  getDeadline(): Date | number;
  sendMetadata(metadata: Metadata): void;
  emit(event: string | symbol, ...args: unknown[]): boolean;
  destroyed?: boolean;
  destroy?(error?: unknown): unknown;
  write?(message: unknown, ...rest: unknown[]): boolean;
  end?(...rest: unknown[]): unknown;
}
export type Handler = (call: ServerCall, callback?: Callback) => unknown;

/** What is below a handler's call: interceptors, each with the next one, and at the bottom the stream of HTTP/2. */
interface Below {
  nextCall?: Below;
  stream?: ServerHttp2Stream;
}

/** What grpc-js keeps to itself; where it no longer has it, only the log of the wire becomes less exact. */
export const http2StreamOf = (call: ServerCall): ServerHttp2Stream | undefined => {
  let below = (call as { call?: Below }).call;
  while (below?.nextCall) below = below.nextCall;
  return below?.stream;
};

/** The status that an interceptor has ended a call with, over the head of its handler; undefined when none has. */
export const statusBelow = (call: ServerCall): string | undefined => {
  if (!(call as { call?: Below }).call?.nextCall) return undefined;
  const stream = http2StreamOf(call);
  const { 'grpc-status': code, 'grpc-message': details } = {
    ...stream?.sentHeaders,
    ...stream?.sentTrailers,
  };
  if (code === undefined) return undefined;
  return statusText({ code: Number(code), details: decodeURI(String(details)) });
};

/** A handler may be an async function, and an interceptor too. */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
