import type { Metadata } from '@grpc/grpc-js';

/** Who makes a call: what a proof of identity, such as a token, has shown. Nothing here comes from a request. */
export interface Caller {
  /** The id of the caller's user. */
  id: string;
  /** The phone number that the caller has shown to hold, in E.164; undefined when the proof is not about a phone. */
  phone?: string;
  role: 'user' | 'admin';
}

// grpc-js hands the very Metadata object that the last interceptor has passed on to the handler, as `call.metadata`.
// A note beside that object cannot be forged by a client, as a key within it could.
const callers = new WeakMap<Metadata, Caller>();

/**
 * Notes whose call this is. A server interceptor calls it before it passes the metadata on.
 *
 * @param metadata - the metadata of the call, the object that is passed on
 * @param caller - who makes the call
 */
export const noteCaller = (metadata: Metadata, caller: Caller): void => {
  callers.set(metadata, caller);
};

/**
 * Tells a handler whose call it has, for unary and streaming calls alike.
 *
 * @param call - the call, as the handler got it
 * @returns who makes it
 * @throws Error when no interceptor has found out: a method that anybody may call has no caller
 */
export const callerOf = (call: { metadata: Metadata }): Caller => {
  const caller = callers.get(call.metadata);
  if (!caller) throw new Error('Nobody has found out who makes this call: is the interceptor there?');
  return caller;
};
