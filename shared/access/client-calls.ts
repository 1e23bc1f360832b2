import {
  InterceptingCall,
  Metadata,
  status,
  type CallOptions,
  type InterceptingListener,
  type Interceptor,
  type StatusObject,
} from '@grpc/grpc-js';
import { isServiceError } from '../grpc/service-error.ts';

/**
 * Ends a call that an interceptor cannot go on with, for example because it has no token to send.
 *
 * @param listener - who waits for the answer to the call
 * @param error - why it cannot go on. The status of another call is passed on; any other error is thrown as well
 */
export const endCall = (listener: InterceptingListener, error: unknown): void => {
  if (isServiceError(error)) {
    const { code, details, metadata } = error;
    listener.onReceiveStatus({ code, details, metadata });
    return;
  }
  const details = error instanceof Error ? error.message : String(error);
  // The error itself is heard of first: it says more than a status can.
  setImmediate(() => listener.onReceiveStatus({ code: status.INTERNAL, details, metadata: new Metadata() }));
  throw error;
};

/** How much time a call was given from now on, in milliseconds. */
const patienceOf = (deadline: CallOptions['deadline']): number =>
  (deadline === undefined ? Infinity : Number(deadline)) - Date.now();

/**
 * A client interceptor that makes a unary call a second time, and not a third. Streams go through as they are: what was
 * read and written cannot be taken back. Put it before the interceptors that shall see both.
 *
 * @param again - looks at the status of the first call, and the metadata that went out with it, and says whether there
 * is to be another one
 * @returns the interceptor. The second call gets as much time as the first one had
 */
export const secondTime =
  (again: (refused: StatusObject, sent: Metadata) => boolean): Interceptor =>
  (options, nextCall) => {
    const { requestStream, responseStream } = options.method_definition;
    if (requestStream || responseStream) return new InterceptingCall(nextCall(options));
    const patience = patienceOf(options.deadline);
    let request: unknown;
    let second: InterceptingCall | undefined;
    let cancelled = false;
    return new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        const untouched = metadata.clone();
        next(metadata, {
          onReceiveStatus: (answer, passOn) => {
            let repeat: boolean;
            try {
              repeat = !cancelled && answer.code !== status.OK && again(answer, metadata);
            } catch (error) {
              endCall(listener, error);
              return;
            }
            if (!repeat) {
              passOn(answer);
              return;
            }
            const deadline = patience === Infinity ? Infinity : Date.now() + patience;
            second = new InterceptingCall(nextCall({ ...options, deadline }));
            second.start(untouched, listener);
            second.sendMessage(request);
            second.halfClose();
          },
        });
      },
      sendMessage: (message, next) => {
        request = message;
        next(message);
      },
      cancel: (next) => {
        cancelled = true;
        if (second) second.cancelWithStatus(status.CANCELLED, 'Cancelled on client');
        else next();
      },
    });
  };
