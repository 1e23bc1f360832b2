import { status, type StatusObject } from '@grpc/grpc-js';
import type { HealthClient } from '#protos/generated/grpc/health/v1/Health.ts';
import { Health, HealthService } from '#shared/health/health.ts';
import { soon } from '../calls.ts';
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
