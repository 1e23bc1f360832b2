import { credentials, type ClientDuplexStream, type requestCallback } from '@grpc/grpc-js';
import { repeat, type Effort, type Sample } from '../sample.ts';
import type { Service, Variant } from './server-process.ts';

/** Work that is ready to be done again and again on one server. */
export interface Load {
  round(effort: Effort): Promise<Sample>;
  close(): void;
}

/** One line of the benchmark's table. */
export interface Row {
  title: string;
  service: Service;
  /** What is counted. */
  unit: 'calls' | 'messages' | 'deliveries';
  /** Who serves it; the workbook's own first. */
  variants: Variant[];
  /** How fast the workbook's should be at least, as a part of what bare grpc-js does. */
  target?: number;
  /** For a fan-out: to how many subscribers. */
  subscribers?: number;
  prepare(address: string, variant: Variant): Promise<Load>;
}

export const insecure = credentials.createInsecure();
/** A connection of its own for each stub: stubs with the same address would share one otherwise. */
export const ownConnection = { 'grpc.use_local_subchannel_pool': 1 };

/** Makes a unary call, and resolves with its reply. */
export const reply = <T>(make: (done: requestCallback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    make((error, value) => (error ? reject(error) : resolve(value!)));
  });

/** Ends the benchmark when what should go on for ever has ended. */
export const endless = (stream: { on(event: 'error', listener: (error: Error) => void): unknown }): void => {
  let closing = false;
  stream.on('error', (error) => {
    closing ||= error.message.includes('CANCELLED') || error.message.includes('closed');
    if (!closing) throw error;
  });
};

/** A stream on which each message that is sent comes back: resolves, in order, when it has. */
export interface Echo {
  send(): Promise<void>;
  close(): void;
}

export const echoOf = <Request, Reply>(
  stream: ClientDuplexStream<Request, Reply>,
  message: Request,
): Echo => {
  const waiting: (() => void)[] = [];
  stream.on('data', () => waiting.shift()!());
  endless(stream);
  return {
    send: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        stream.write(message);
      }),
    close: () => stream.cancel(),
  };
};

/** The outcome of one connection that echoes, `inFlight` messages at a time. */
export const echoing = (echo: Echo, inFlight: number): Load => ({
  round: (effort) => repeat(() => echo.send(), effort, inFlight),
  close: () => echo.close(),
});
