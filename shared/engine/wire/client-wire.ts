/**
 * Loaded where somebody wants to know what the grpc-js clients of this process see and do: it puts itself below every
 * client's interceptors, at the place where a call leaves for the wire. So it sees what really goes out, and a call that
 * an interceptor makes twice is two calls. Every call goes on as it would without it.
 */
import { channel } from 'node:diagnostics_channel';
import { Channel, status } from '@grpc/grpc-js';
import { statusText } from './faults.ts';
import { orderOfNow, type WireEvent } from './wire-events.ts';

/**
 * Carries a {@link ClientWireEvent} for each thing that happens on a call of a client of this process. Messages come as
 * the bytes they are on the wire: to decode each one would take time, and most are never looked at.
 */
export const clientWire = channel('grpc-workbook:client-wire');

/** What a client saw or did. */
export interface ClientWireEvent extends WireEvent {
  /** The method with its service, as it goes over the wire, for example `/hello.Hello/hello`. */
  path: string;
}

let calls = 0;

const { createCall } = Channel.prototype;
Channel.prototype.createCall = function (...args) {
  const call = createCall.apply(this, args);
  if (!clientWire.hasSubscribers) return call;
  const [path] = args;
  const method = path.slice(path.lastIndexOf('/') + 1);
  const number = (calls += 1);
  let begun = false;
  let over = false;
  const tell = (kind: WireEvent['kind'], value?: unknown): void =>
    clientWire.publish({
      call: number,
      method,
      path,
      kind,
      value,
      order: orderOfNow(),
    } satisfies ClientWireEvent);

  const { start, sendMessageWithContext, halfClose, cancelWithStatus } = call;
  call.start = (metadata, listener) => {
    begun = true;
    tell('began', metadata.getMap());
    start.call(call, metadata, {
      onReceiveMetadata: (received) => {
        tell('metadata', received.getMap());
        listener.onReceiveMetadata(received);
      },
      onReceiveMessage: (bytes: unknown) => {
        tell('reply', bytes);
        listener.onReceiveMessage(bytes);
      },
      onReceiveStatus: (ended) => {
        over = true;
        tell('status', statusText(ended.code === status.OK ? null : ended));
        listener.onReceiveStatus(ended);
      },
    });
  };
  call.sendMessageWithContext = (context, bytes) => {
    tell('request', bytes);
    sendMessageWithContext.call(call, context, bytes);
  };
  call.halfClose = () => {
    tell('half-close');
    halfClose.call(call);
  };
  // grpc-js cancels in this way too, when a deadline has passed or bytes make no sense; the status tells that.
  call.cancelWithStatus = (code, details) => {
    if (begun && !over && code === status.CANCELLED) tell('cancelled');
    cancelWithStatus.call(call, code, details);
  };
  return call;
};
