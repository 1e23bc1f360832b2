import { wire } from '../wire-events.ts';
import { GuardedCall } from './guarded-call.ts';
import * as mistakes from './handler-mistakes.ts';
import { http2StreamOf, isPromise, type Handler, type ServerCall } from './server-call.ts';

/** Follows what comes from the client; what a listener of the handler throws ends the call. */
const guardEvents = (call: ServerCall, guarded: GuardedCall): void => {
  const { emit } = call;
  const { state } = guarded;
  // Once 'end' is on its way to the handler.
  let isEnding = false;
  call.emit = (event, ...args) => {
    if (event === 'data') guarded.tell('request', args[0]);
    else if (event === 'error' && !state.over) guarded.finish(args[0]);
    else if (event === 'cancelled' && !state.over) guarded.leave();
    else if (event === 'end' && !state.over && !isEnding) {
      isEnding = true;
      guarded.requestsOver(() => call.emit('end'));
      return true;
    }
    try {
      return emit.call(call, event, ...args);
    } catch (error) {
      guarded.fail(error);
      return true;
    }
  };
};

/** Lets a stream of replies send only what the contract names, and nothing behind its end. */
const guardReplies = (call: ServerCall, guarded: GuardedCall): void => {
  if (!call.write || !call.end) return;
  const { write, end } = call;
  const { state } = guarded;
  call.write = (message, ...rest) => {
    if (state.over && !state.abandoned) {
      guarded.blame('written after the end', mistakes.writtenAfterEnd);
      return false;
    }
    if (!state.over && !guarded.canBeSent(message)) return false;
    guarded.tell('reply', message);
    return write.call(call, message, ...rest);
  };
  call.end = (...rest) => {
    if (state.over) return end.call(call, ...rest);
    const [trailers] = rest;
    if (typeof trailers === 'object' && trailers !== null && !('getMap' in trailers)) {
      guarded.refuse(mistakes.messageAtEnd);
      return call;
    }
    if (call.destroyed) {
      guarded.blame('written after the end', mistakes.endedAfterDestroy);
      return call;
    }
    guarded.finish(null);
    return end.call(call, ...rest);
  };
};

/** Turns what destroys a stream, and would leave the client without a status, into a status. */
const guardDestroy = (call: ServerCall, guarded: GuardedCall, answersOnce: boolean): void => {
  const { destroy } = call;
  if (!destroy) return;
  call.destroy = (error) => {
    const byLoop = (error as Error | undefined)?.name === 'AbortError';
    // A for await that has ended destroys what it has read. Where the answer goes to a callback, that does no harm.
    if (!error || guarded.state.over || (byLoop && answersOnce)) return destroy.call(call, error);
    guarded.refuse(byLoop ? mistakes.destroyedByLoop : mistakes.destroyed(error));
    return call;
  };
};

/** Tells of the metadata of both sides, and of a client that cancels what has been answered. */
const watchStream = (call: ServerCall, guarded: GuardedCall): void => {
  const stream = http2StreamOf(call);
  stream?.once('close', () => {
    if (guarded.state.cancelledLate(stream.rstCode)) guarded.tell('cancelled');
  });
  if (!wire.hasSubscribers) return;
  guarded.tell('began', call.metadata.getMap());
  const { sendMetadata } = call;
  call.sendMetadata = (metadata) => {
    guarded.tell('metadata', metadata.getMap());
    sendMetadata.call(call, metadata);
  };
};

/**
 * Wraps a handler, so that each of its calls ends with a status, whatever the handler does, and tells what goes over
 * the wire.
 *
 * @param serialize - the contract's own serializer of replies; it throws on what is no reply
 */
export const guard = (path: string, handler: Handler, serialize: (message: unknown) => unknown): Handler => {
  const method = path.slice(path.lastIndexOf('/') + 1);
  return (call, callback) => {
    const guarded = new GuardedCall({ method, call, callback, serialize });
    guardEvents(call, guarded);
    guardReplies(call, guarded);
    guardDestroy(call, guarded, callback !== undefined);
    watchStream(call, guarded);
    if (call.request !== undefined) guarded.tell('request', call.request);
    try {
      const returned = handler(call, callback && guarded.answer);
      if (isPromise(returned)) returned.then(guarded.returned, guarded.fail);
      else guarded.returned(returned);
    } catch (error) {
      guarded.fail(error);
    }
  };
};
