/**
 * Loaded before any lesson's server, in a run and in a check alike. It wraps every handler that is added to a
 * grpc-js server, so that what a learner has not written yet, or has written wrongly, becomes a clear status for
 * the caller and a clear line for the learner. By itself grpc-js answers "Unknown error" to a throw, lets the
 * client wait for ever on a rejected promise or a second callback, and ends the process on a throw in an event.
 *
 * It also tells what goes over the wire. Who wants to know subscribes to the two channels below.
 */
import { channel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  logVerbosity,
  Server,
  ServerInterceptingCall,
  setLogVerbosity,
  status,
  type Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { placesOf, placeText, type Place } from '../lesson/stack-place.ts';
import { unwrittenStep } from '../lesson/steps.ts';

/** Something that went wrong in a lesson's code while it was running. */
export interface Fault {
  kind: 'unwritten' | 'thrown' | 'answered twice' | 'written after the end';
  /** One sentence that says what happened, and where. */
  message: string;
  /** Where in the lesson's files, the innermost first. */
  places: Place[];
  /** For an unwritten step: which. */
  step?: number;
}

/** Something that one side saw or did on a call. */
export interface WireEvent {
  /** Which call: the same number in all its events, and no other call of this side has it in this process. */
  call: number;
  /** The method's name, as the contract has it. */
  method: string;
  /** `began` brings the client's metadata, and `metadata` is the server's. */
  kind: 'began' | 'request' | 'metadata' | 'reply' | 'half-close' | 'cancelled' | 'status';
  /** The message; for metadata an object with its values; for a status its name and details. */
  value?: unknown;
}

/** Carries a {@link Fault} each time one happens. */
export const faults = channel('grpc-workbook:fault');

/** Carries a {@link WireEvent} for each thing that happens on a call to a server of this process. */
export const wire = channel('grpc-workbook:wire');

type Failure = Pick<StatusObject, 'code' | 'details'>;
type Callback = (error: unknown, value?: unknown, ...rest: unknown[]) => void;
// What the wrapping needs of the four kinds of server call, which have no common type of their own.
interface ServerCall {
  request?: unknown;
  metadata: Metadata;
  sendMetadata(metadata: Metadata): void;
  emit(event: string | symbol, ...args: unknown[]): boolean;
  destroyed?: boolean;
  destroy?(error?: unknown): unknown;
  write?(message: unknown, ...rest: unknown[]): boolean;
  end?(...rest: unknown[]): unknown;
}
type Handler = (call: ServerCall, callback?: Callback) => unknown;

/** How to end each call that is still open: what is left to do when an error cannot be traced to its call. */
const openCalls = new Set<(failure: Failure) => void>();

let calls = 0;

/** @returns a status as the workbook writes it: its name, and its details when there is something to tell */
export const statusText = (error: unknown): string => {
  if (error === null || error === undefined) return 'OK';
  const { code, details, message } = error as Partial<StatusObject & Error>;
  return `${status[code ?? status.UNKNOWN] ?? code}: ${details ?? message ?? 'Unknown error'}`;
};

const isStatus = (value: unknown): value is Failure =>
  typeof (value as Partial<Failure> | null | undefined)?.code === 'number';

/** Anything can be thrown, and a plain object says nothing as a string. */
const textOf = (error: unknown): string => {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  if (isStatus(error)) return statusText(error);
  return typeof error === 'object'
    ? inspect(error, { compact: true, breakLength: Infinity, maxStringLength: 200 })
    : String(error);
};

/** @returns what an error of a lesson's code means, as a fault */
export const faultOf = (error: unknown): Fault => {
  const places = placesOf(error);
  const text =
    !(error instanceof Error) && isStatus(error)
      ? `the status ${textOf(error)}; a status is sent with call.emit('error', …) or given to the callback, not thrown`
      : textOf(error);
  const step = error instanceof Error ? unwrittenStep(error.message) : undefined;
  const place = places[0];
  if (step !== undefined && place) {
    const message = `Lesson ${place.lesson}, step ${step} is not written yet: ${placeText(place)}`;
    return { kind: 'unwritten', message, places, step };
  }
  return { kind: 'thrown', message: place ? `${text} (${placeText(place)})` : text, places };
};

const failureOf = (fault: Fault): Failure =>
  fault.kind === 'unwritten'
    ? { code: status.UNIMPLEMENTED, details: fault.message }
    : { code: status.INTERNAL, details: `The server's handler threw ${fault.message}` };

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** What is below a handler's call: interceptors, each with the next one, and at the bottom the stream of HTTP/2. */
interface Below {
  nextCall?: Below;
  stream?: ServerHttp2Stream;
}

/** What grpc-js keeps to itself; where it no longer has it, only the log of the wire becomes less exact. */
const http2StreamOf = (call: ServerCall): ServerHttp2Stream | undefined => {
  let below = (call as { call?: Below }).call;
  while (below?.nextCall) below = below.nextCall;
  return below?.stream;
};

/** The status that an interceptor has ended a call with, over the head of its handler; undefined when none has. */
const statusBelow = (call: ServerCall): string | undefined => {
  if (!(call as { call?: Below }).call?.nextCall) return undefined;
  const stream = http2StreamOf(call);
  const { 'grpc-status': code, 'grpc-message': details } = {
    ...stream?.sentHeaders,
    ...stream?.sentTrailers,
  };
  if (code === undefined) return undefined;
  return statusText({ code: Number(code), details: decodeURI(String(details)) });
};

const guard = (path: string, handler: Handler, serialize: (message: unknown) => unknown): Handler => {
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

/**
 * Takes an error that reached the process itself: thrown in a timer, or a promise that nobody awaited.
 * Which call it belongs to cannot be known, so every open call of this process ends with it.
 *
 * @param error - what was thrown
 */
export const failOpenCalls = (error: unknown): void => {
  const fault = faultOf(error);
  faults.publish(fault);
  for (const end of openCalls) end(failureOf(fault));
};

/** Resolves once no call is open. A connection that is lost is gone some turns before its calls have told of it. */
export const callsHaveEnded = async (): Promise<void> => {
  while (openCalls.size > 0) await nextTurn();
};

// What grpc-js would log in passing is said by the workbook, in a sentence.
setLogVerbosity(logVerbosity.NONE);

const register = Server.prototype.register;
Server.prototype.register = function (path, handler, serialize, deserialize, type) {
  return register.call(
    this,
    path,
    guard(path, handler as Handler, serialize as never) as never,
    serialize as never,
    deserialize as never,
    type,
  );
};

/** The functions that an interceptor has put around a call. */
type Around = Record<string, ((...args: unknown[]) => unknown) | undefined>;

const guarded = (around: Around, fail: (error: unknown) => void): Around =>
  Object.fromEntries(
    Object.entries(around).map(([name, part]) => [
      name,
      part &&
        ((...args: unknown[]): unknown => {
          try {
            const returned = part.apply(around, args);
            if (isPromise(returned)) returned.then(undefined, fail);
            return returned;
          } catch (error) {
            fail(error);
            return undefined;
          }
        }),
    ]),
  );

// An interceptor runs before the handler is reached, so what it throws has to end the call here.
const begin = ServerInterceptingCall.prototype.start;
ServerInterceptingCall.prototype.start = function (listener) {
  const call = this as unknown as {
    responder: Around;
    nextCall: { sendStatus(failure: Failure): void };
  };
  const fail = (error: unknown): void => {
    const fault = faultOf(error);
    faults.publish(fault);
    call.nextCall.sendStatus(failureOf(fault));
  };
  const responder = guarded(call.responder, fail);
  const { start } = responder;
  responder.start = (next) =>
    start!((around?: Around) => (next as (around?: Around) => void)(around && guarded(around, fail)));
  call.responder = responder;
  return begin.call(this, listener);
};
