import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { placesOf, placeText } from '../../lesson/stack-trace.ts';
import { failureOf, faultOf, faults, statusText, type Failure, type Fault } from '../faults.ts';
import { orderOfNow, wire, type WireEvent } from '../wire-events.ts';
import { CallState } from './call-state.ts';
import * as mistakes from './handler-mistakes.ts';
import { openCalls } from './open-calls.ts';
import { http2StreamOf, statusBelow, type Callback, type ServerCall } from './server-call.ts';

let calls = 0;

/**
 * How long the reset of a client that leaves may come behind the end of its requests, in milliseconds: of grpc-js in
 * another process 0.3 to 2 were measured on a machine at rest, and 14 to 30 on one with three times its work.
 */
let resetTimeoutMs = 30;

/** @param timeoutMs - how long a reset may take, in milliseconds: less where the clients are in this very process */
export const expectResetWithin = (timeoutMs: number): void => {
  resetTimeoutMs = timeoutMs;
};

/** So near to its deadline, in milliseconds, a call whose requests end has most likely been given up. */
const nearDeadlineMs = 50;

// A check may put another clock in place of the global one.
const { setTimeout, clearTimeout } = globalThis;

/** @returns how long it may take until a call whose requests have just ended is reset, in milliseconds */
const timeToReset = (deadline: number): number => {
  const left = deadline - Date.now();
  return left < nearDeadlineMs ? Math.max(0, left) + nearDeadlineMs : resetTimeoutMs;
};

/** Resolves once it is known whether a client that has ended its requests has left. */
const resetOrNot = (call: ServerCall): Promise<void> =>
  new Promise((resolve) => {
    const stream = http2StreamOf(call);
    const timer = setTimeout(resolve, stream ? timeToReset(Number(call.getDeadline())) : 0);
    stream?.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });

const undecided = new Set<Promise<void>>();

/** Resolves once all that has happened is told. */
export const allTold = async (): Promise<void> => {
  await Promise.all(undecided);
};

/** What is guarded: a call, and what belongs to its method. */
interface CallParts {
  /** The method's name, as the contract has it. */
  method: string;
  call: ServerCall;
  /** Takes the answer, where there is one and no stream of them. */
  callback: Callback | undefined;
  /** The contract's own serializer of replies; it throws on what is no reply. */
  serialize: (message: unknown) => unknown;
}

/** One call to a handler: it ends with one status, whatever the handler does, and all that happens on it is told. */
export class GuardedCall {
  readonly state: CallState;
  readonly #number = (calls += 1);
  readonly #parts: CallParts;
  /** What has happened and is not told yet, while it is not known whether the client has finished or has left. */
  #held: WireEvent[] | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.state = new CallState(parts.call.request === undefined);
    openCalls.add(this.end);
  }

  /** Tells the subscribers of the wire what has happened on this call. */
  tell(kind: WireEvent['kind'], value?: unknown): void {
    if (!wire.hasSubscribers) return;
    const { method } = this.#parts;
    const event: WireEvent = { call: this.#number, method, kind, value, order: orderOfNow() };
    if (this.#held) this.#held.push(event);
    else wire.publish(event);
  }

  /**
   * The requests are over. A client that leaves ends them as well, and what comes next tells which of both it was. Until
   * then nothing is told: of a client that has left nothing but that, because it got none of the rest.
   *
   * @param then - what is to follow once it is known
   */
  requestsOver(then: () => void): void {
    const stream = http2StreamOf(this.#parts.call);
    this.#held = [];
    this.tell('half-close');
    const decided = resetOrNot(this.#parts.call).then(() => {
      undecided.delete(decided);
      const held = this.#held ?? [];
      this.#held = undefined;
      const isReset = stream?.aborted || stream?.rstCode === constants.NGHTTP2_CANCEL;
      if (isReset && !this.state.abandoned) {
        this.leave();
      } else {
        this.state.halfClose();
        const told = this.state.abandoned ? held.filter(({ kind }) => kind !== 'half-close') : held;
        for (const event of told) wire.publish(event);
      }
      then();
    });
    undecided.add(decided);
  }

  /** Tells of a mistake of the handler, and where in the lesson's files it was made. */
  blame(kind: Fault['kind'], what: string): void {
    const places = placesOf(new Error(what));
    const at = places[0] ? ` (${placeText(places[0])})` : '';
    faults.publish({ kind, message: `${this.#parts.method}: ${what}${at}`, places } satisfies Fault);
  }

  /** The status goes out now. @param error - null for OK */
  finish(error: unknown): void {
    this.state.end(Boolean(error));
    openCalls.delete(this.end);
    this.tell('status', statusText(error));
  }

  /** The client has gone, or an interceptor has ended the call, before the handler gave a status. */
  leave(): void {
    this.state.abandon();
    openCalls.delete(this.end);
    const ended = statusBelow(this.#parts.call);
    if (ended === undefined) this.tell('cancelled');
    else this.tell('status', ended);
  }

  /** Ends the call with a failure, unless it has ended. */
  readonly end = (failure: Failure): void => {
    if (this.state.over) return;
    if (this.#parts.callback) this.answer(failure);
    else this.#parts.call.emit('error', failure);
  };

  /** Ends the call for a mistake that grpc-js would answer with silence, or with words that help nobody. */
  refuse(what: string): void {
    this.blame('thrown', what);
    this.end({ code: status.INTERNAL, details: `${this.#parts.method}: ${what}` });
  }

  /** Ends the call for what its handler has thrown, at once or later. */
  readonly fail = (error: unknown): void => {
    const { over, abandoned } = this.state;
    const fault = faultOf(error);
    if (this.#parts.callback && over && !abandoned) {
      fault.message += mistakes.thrownAfterAnswer;
    }
    // A stream that is broken off rejects what waits for it. No line of the lesson has thrown that.
    if (abandoned && fault.places.length === 0) {
      fault.message += mistakes.thrownAfterClientLeft;
    }
    // A step for the 'cancelled' of a client that has left is not due when the call has ended otherwise.
    const due = !over || abandoned;
    if (fault.kind !== 'unwritten' || due) faults.publish(fault);
    this.end(failureOf(fault));
  };

  /** Ends the call of a handler that returned a message, or a promise of one, and has answered nothing. */
  readonly returned = (value: unknown): void => {
    if (this.state.over || value === null || typeof value !== 'object') return;
    // Other objects are returned by the way: a timer, or the call itself.
    if (Object.getPrototypeOf(value) !== Object.prototype) return;
    this.refuse(
      mistakes.returned(value, this.#parts.callback ? 'callback(null, reply)' : 'call.write(reply)'),
    );
  };

  /** @returns whether the contract knows such a reply; if not, the call has been ended */
  canBeSent(message: unknown): boolean {
    try {
      this.#parts.serialize(message);
      return true;
    } catch {
      this.refuse(mistakes.noMessage(message));
      return false;
    }
  }

  /** The callback that the handler gets: only the first answer is sent, and only if it is one. */
  readonly answer: Callback = (error, value, ...rest) => {
    if (this.state.over) {
      // Answering a client that has gone is no mistake: a handler cannot always know.
      if (this.state.abandoned) return;
      this.blame('answered twice', mistakes.answeredTwice);
      return;
    }
    if ((error as Partial<Failure> | null)?.code === status.OK) {
      this.refuse(mistakes.okAsError);
      return;
    }
    if (error && typeof error !== 'object') {
      this.refuse(mistakes.noError(error));
      return;
    }
    if (!error) {
      if (!this.canBeSent(value)) return;
      this.tell('reply', value);
    }
    this.finish(error);
    this.#parts.callback!(error, value, ...rest);
  };
}
