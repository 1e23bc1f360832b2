import { setImmediate as nextTurn } from 'node:timers/promises';
import { status, type StatusObject } from '@grpc/grpc-js';
import type { HealthClient } from '#protos/generated/grpc/health/v1/Health.ts';
import { Health, HealthService } from '#shared/health/health.ts';
import { bound } from '../bounds.ts';
import { soon } from '../calls.ts';
import { must } from '../check-failure.ts';
import { calling } from '../peers.ts';

/** The names under which the lesson's server tells its health. */
export const [alive, ready] = ['', 'user.UserService'];

/** Who watches a server, and what they have heard so far. */
export interface Listener {
  heard: string[];
  ended: Promise<StatusObject>;
  leave(): void;
}

/** @returns a health that knows nothing yet, and what somebody hears who asks over the wire */
export const healthAtWork = async () => {
  const health = new Health();
  const stub = await calling(HealthService, health.handlers);
  const of = (service: string): Promise<string> => told(stub, service);
  const both = async () => ({ alive: await of(alive), ready: await of(ready) });
  return { health, of, both, watch: listenerTo(stub) };
};

/** Asks for the health of a service. @returns the status that it is told, or how the call ended otherwise */
const told = (stub: HealthClient, service: string): Promise<string> =>
  new Promise((resolve) => {
    stub.Check({ service }, soon(), (error, reply) => resolve(error ? status[error.code]! : reply!.status));
  });

const listenerTo =
  (stub: HealthClient) =>
  (service: string): Promise<Listener> =>
    new Promise((resolve) => {
      const heard: string[] = [];
      const call = stub.Watch({ service }, soon(2));
      const ended = new Promise<StatusObject>((end) => call.on('status', end));
      call.on('error', () => {});
      call.on('data', ({ status: serving }) => {
        heard.push(serving);
        resolve({ heard, ended, leave: () => call.cancel() });
      });
    });

/**
 * Looks again and again until something is so.
 *
 * @param isSo - looks
 * @param never - what to say when it does not come to be so within a bound
 */
export const becomes = async (
  isSo: () => boolean,
  never: Parameters<typeof must>[1] | (() => Parameters<typeof must>[1]),
): Promise<void> => {
  const until = performance.now() + bound();
  while (!isSo() && performance.now() < until) await nextTurn();
  must(isSo(), typeof never === 'function' ? never() : never);
};

/**
 * Looks after what the learner's function has begun.
 *
 * @param promise - what it has returned
 * @returns the promise, and whether it is still open
 * @throws what it is rejected with at once: a step that is not written, for example
 */
export const begun = async <T>(
  promise: Promise<T>,
): Promise<{ promise: Promise<T>; isOpen: () => boolean }> => {
  let open = true;
  const close = (): void => {
    open = false;
  };
  promise.then(close, close);
  await nextTurn();
  if (!open) await promise;
  return { promise, isOpen: () => open };
};
