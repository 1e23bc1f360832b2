/**
 * Loaded before any lesson's server, in a run and in a check alike. It wraps every handler that is added to a
 * grpc-js server, so that what a learner has not written yet, or has written wrongly, becomes a clear status for
 * the caller and a clear line for the learner. By itself grpc-js answers "Unknown error" to a throw, lets the
 * client wait for ever on a rejected promise or a second callback, and ends the process on a throw in an event.
 *
 * It also tells what goes over the wire: on the channels of faults.ts and wire-events.ts.
 */
import { logVerbosity, Server, ServerInterceptingCall, setLogVerbosity } from '@grpc/grpc-js';
import { failureOf, faultOf, faults, type Failure } from '../faults.ts';
import { guard } from './handler-guard.ts';
import { guardedParts, type InterceptorParts } from './interceptor-guard.ts';
import type { Handler } from './server-call.ts';

// grpc-js would log these to the terminal; the workbook says them in a sentence.
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

// An interceptor runs before the handler is reached, so what it throws has to end the call here.
const begin = ServerInterceptingCall.prototype.start;
ServerInterceptingCall.prototype.start = function (listener) {
  const call = this as unknown as {
    responder: InterceptorParts;
    nextCall: { sendStatus(failure: Failure): void };
  };
  const fail = (error: unknown): void => {
    const fault = faultOf(error);
    faults.publish(fault);
    call.nextCall.sendStatus(failureOf(fault));
  };
  const responder = guardedParts(call.responder, fail);
  const { start } = responder;
  responder.start = (next) =>
    start!((around?: InterceptorParts) =>
      (next as (around?: InterceptorParts) => void)(around && guardedParts(around, fail)),
    );
  call.responder = responder;
  return begin.call(this, listener);
};
