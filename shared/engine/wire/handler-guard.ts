import { constants } from 'node:http2';
import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { placesOf, placeText } from '../lesson/stack-place.ts';
import { failureOf, faultOf, faults, statusText, textOf, type Failure, type Fault } from './faults.ts';
import { openCalls } from './open-calls.ts';
import { http2StreamOf, isPromise, statusBelow, type Callback, type Handler } from './server-call.ts';
import { wire, type WireEvent } from './wire-events.ts';

let calls = 0;

/**
 * Wraps a handler, so that each of its calls ends with a status, whatever the handler does, and tells what goes over
 * the wire.
 *
 * @param path - the method with its service, for example `/hello.Hello/hello`
 * @param handler - what the learner has written
 * @param serialize - the contract's own serializer of replies; it throws on what is no reply
 */
export const guard = (path: string, handler: Handler, serialize: (message: unknown) => unknown): Handler => {
  const method = path.slice(path.lastIndexOf('/') + 1);

  return (call, callback) => {
    const number = (calls += 1);
    const tell = (kind: WireEvent['kind'], value?: unknown): void => {
      if (wire.hasSubscribers) wire.publish({ call: number, method, kind, value } satisfies WireEvent);
    };

    // `over`: a status has been sent, or nobody is left to read one. `gone`: the client left before that. grpc-js
    // emits 'cancelled' for every call in the end, also for one that ended well, and sets `call.cancelled` with it.
    let over = false;
    let gone = false;
    // `refused`: that status was not OK. A client that was still sending then resets the stream: it has not left.
    let refused = false;
    // `sending`: the client had not finished sending by then. It has no more to say, and may break off: nor has it left.
    let sending = call.request === undefined;
    const finish = (error: unknown): void => {
      over = true;
      refused = Boolean(error);
      openCalls.delete(end);
      tell('status', statusText(error));
    };
    const blame = (kind: Fault['kind'], what: string): void => {
      const places = placesOf(new Error(what));
      const at = places[0] ? ` (${placeText(places[0])})` : '';
      faults.publish({ kind, message: `${method}: ${what}${at}`, places } satisfies Fault);
    };

    /** Ends the call for a mistake that grpc-js would answer with silence, or with words that help nobody. */
    const refuse = (what: string): void => {
      blame('thrown', what);
      end({ code: status.INTERNAL, details: `${method}: ${what}` });
    };
    const canBeSent = (message: unknown): boolean => {
      try {
        serialize(message);
        return true;
      } catch {
        refuse(
          `the handler answered with ${inspect(message, { compact: true, breakLength: Infinity, maxStringLength: 200 })}, which is not the message that the contract names`,
        );
        return false;
      }
    };

    const answer: Callback = (error, value, ...rest) => {
      if (!over) {
        if (error && typeof error !== 'object') {
          refuse(
            `the handler gave its callback ${inspect(error)} as the error; it takes an error object, or null when there is none`,
          );
          return;
        }
        if (!error && !canBeSent(value)) return;
        if (!error) tell('reply', value);
        finish(error);
        callback!(error, value, ...rest);
      } else if (!gone) {
        // Answering a caller who has gone is no mistake: a handler cannot always know.
        blame(
          'answered twice',
          'the handler called its callback a second time; only the first answer is sent',
        );
      }
    };

    const end = (failure: Failure): void => {
      if (over) return;
      if (callback) answer(failure);
      else call.emit('error', failure);
    };
    openCalls.add(end);

    const fail = (error: unknown): void => {
      const fault = faultOf(error);
      if (callback && over && !gone) {
        fault.message +=
          '; the call had been answered by then. Did the handler go on? Write return callback(…)';
      }
      // A stream that is broken off rejects what waits for it. No line of the lesson has thrown that.
      if (gone && fault.places.length === 0) {
        fault.message += '; the client had left by then, and that is no failure: catch what comes of it';
      }
      // A step for the 'cancelled' of a client that has left is not due when the call has ended otherwise.
      const due = !over || gone;
      if (fault.kind !== 'unwritten' || due) faults.publish(fault);
      end(failureOf(fault));
    };

    const leave = (): void => {
      over = true;
      gone = true;
      openCalls.delete(end);
      const ended = statusBelow(call);
      if (ended === undefined) tell('cancelled');
      else tell('status', ended);
    };

    const emit = call.emit;
    call.emit = (event, ...args) => {
      if (event === 'data') tell('request', args[0]);
      else if (event === 'error' && !over) finish(args[0]);
      else if (event === 'cancelled' && !over) leave();
      else if (event === 'end' && !over) {
        // grpc-js ends the requests of a client that has vanished just as it does those of one that has finished.
        if (http2StreamOf(call)?.aborted) {
          leave();
        } else {
          sending = false;
          tell('half-close');
        }
      }
      try {
        return emit.call(call, event, ...args);
      } catch (error) {
        fail(error);
        return true;
      }
    };

    if (call.write && call.end) {
      const { write, end: close } = call;
      call.write = (message, ...rest) => {
        if (over && !gone) {
          blame(
            'written after the end',
            'the handler wrote a message after the end of the stream; it is not sent',
          );
          return false;
        }
        if (!over && !canBeSent(message)) return false;
        tell('reply', message);
        return write.call(call, message, ...rest);
      };
      call.end = (...rest) => {
        if (over) return close.call(call, ...rest);
        if (call.destroyed) {
          blame(
            'written after the end',
            'call.end() came too late, the stream is already destroyed and the client gets no status. A for await over the call destroys it; use its events instead',
          );
          return call;
        }
        finish(null);
        return close.call(call, ...rest);
      };
    }

    const destroy = call.destroy;
    if (destroy) {
      call.destroy = (error) => {
        const byLoop = (error as Error | undefined)?.name === 'AbortError';
        // A for await that has ended destroys what it has read. Where the answer goes to a callback, that does no harm.
        if (!error || over || (byLoop && callback)) return destroy.call(call, error);
        refuse(
          byLoop
            ? 'the for await over the call has destroyed it on leaving, and the client would get no status; use the events of the call instead'
            : `the handler destroyed the call (${textOf(error)}); that alone would send the client no status, call.emit('error', …) does`,
        );
        return call;
      };
    }

    // A client that cancels, or whose deadline passes, closes its half first: only the reset behind it tells the truth.
    const stream = http2StreamOf(call);
    stream?.once('close', () => {
      if (gone || refused || sending) return;
      if (over && stream.rstCode === constants.NGHTTP2_CANCEL) tell('cancelled');
    });

    if (wire.hasSubscribers) {
      tell('began', call.metadata.getMap());
      const { sendMetadata } = call;
      call.sendMetadata = (metadata) => {
        tell('metadata', metadata.getMap());
        sendMetadata.call(call, metadata);
      };
    }
    if (call.request !== undefined) tell('request', call.request);
    try {
      const returned = handler(call, callback && answer);
      if (isPromise(returned)) returned.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
};
