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
const timeoutOf = (deadline: CallOptions['deadline']): number =>
  (deadline === undefined ? Infinity : Number(deadline)) - Date.now();

/** When a unary call is made a second time, and what has to be there before. */
export interface SecondTime {
  /**
   * Decides whether there is to be a second call.
   *
   * @param refused - the status of the first call, which is not OK
   * @param sent - the metadata that went out with it
   */
  again(refused: StatusObject, sent: Metadata): boolean;
  /**
   * Gets what the second call needs, for example a code from a person. It may take its time: no deadline runs
   * meanwhile, and the second call is made once this has resolved. When it is rejected, the call ends with that.
   */
  prepare(): Promise<unknown>;
}

/**
 * A client interceptor that makes a unary call a second time, and not a third. Streams go through as they are: what was
 * read and written cannot be taken back. Put it before the interceptors that shall see both.
 *
 * @param how - whether there is to be a second call, and what it needs
 * @returns the interceptor. The second call gets as much time as the first one had. A call that is cancelled ends at
 *   once, whichever of the two is under way
 */
export const secondTime =
  ({ again, prepare }: SecondTime): Interceptor =>
  (options, nextCall) => {
    const { requestStream, responseStream } = options.method_definition;
    if (requestStream || responseStream) return new InterceptingCall(nextCall(options));
    const timeoutMs = timeoutOf(options.deadline);
    let request: unknown;
    let cancelled = false;
    // Once the first call is over, cancelling is no longer its business.
    let cancelLater: (() => void) | undefined;
    return new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        const untouched = metadata.clone();
        const callAgain = (): void => {
          if (cancelled) return;
          const deadline = timeoutMs === Infinity ? Infinity : Date.now() + timeoutMs;
          const second = new InterceptingCall(nextCall({ ...options, deadline }));
          cancelLater = () => second.cancelWithStatus(status.CANCELLED, 'Cancelled on client');
          second.start(untouched, listener);
          second.sendMessage(request);
          second.halfClose();
        };
        const giveUp = (error: unknown): void => {
          if (!cancelled) endCall(listener, error);
        };
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
            cancelLater = () => {
              const details = 'Cancelled on client';
              listener.onReceiveStatus({ code: status.CANCELLED, details, metadata: new Metadata() });
            };
            prepare().then(callAgain, giveUp);
          },
        });
      },
      sendMessage: (message, next) => {
        request = message;
        next(message);
      },
      cancel: (next) => {
        if (cancelled) return;
        cancelled = true;
        if (cancelLater) cancelLater();
        else next();
      },
    });
  };
