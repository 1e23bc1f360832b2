import type { ServiceClient } from '../../services/service-client.ts';
import type { ServiceName } from '../../services/lesson-servers.ts';
import type { Variant } from '../../services/server-process.ts';
import { repeat, type Effort, type Sample } from '../sample.ts';

/** Work that is ready to be done again and again on one server. */
export interface Load {
  round(effort: Effort): Promise<Sample>;
  close(): void;
}

/** One line of the benchmark's table. */
export interface Row {
  title: string;
  service: ServiceName;
  /** Who serves it; the workbook's own first. */
  variants: Variant[];
  /** How fast the workbook's should be at least, as a part of what bare grpc-js does. */
  target?: number;
  /** For a fan-out: to how many subscribers. */
  subscribers?: number;
  prepare(address: string, variant: Variant): Promise<Load>;
  /**
   * Opens the service's store in a folder, and makes ready the same statements without gRPC. Of the slower of the two,
   * these and the bare server, the service should reach {@link storeTarget}.
   */
  store?: ((folder: string) => Promise<Load>) | undefined;
}

/** A service does both its call and its statements, so it cannot reach the whole of either. */
export const storeTarget = 0.7;

/** A stream on which each message that is sent comes back: resolves, in order, when it has. */
export interface Echo {
  send(message: object): Promise<void>;
  close(): void;
}

/** An echo, of what a message is written with; whatever comes has to be told to `came`. */
export const echoOf = (write: (message: object) => unknown, close: () => void): Echo & { came(): void } => {
  const waiting: (() => void)[] = [];
  return {
    send: (message) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        write(message);
      }),
    came: () => waiting.shift()!(),
    close,
  };
};

/** Ends the benchmark when what should go on for ever has ended. */
export const endless = (stream: { on(event: 'error', listener: (error: Error) => void): unknown }): void => {
  stream.on('error', (error) => {
    if (!error.message.includes('CANCELLED') && !error.message.includes('closed')) throw error;
  });
};

/** @returns an echo on a call of this method */
export const grpcEcho = (client: ServiceClient, path: string): Echo => {
  const call = client.open(path);
  endless(call);
  const echo = echoOf(
    (message) => call.write(message),
    () => client.close(),
  );
  call.on('data', echo.came);
  return echo;
};

/** One connection that echoes a message, `inFlight` at a time. */
export const echoing = (echo: Echo, message: object, inFlight: number): Load => ({
  round: (effort) => repeat(() => echo.send(message), effort, inFlight),
  close: () => echo.close(),
});
