import { status, type ServerWritableStream } from '@grpc/grpc-js';
import type { HealthCheckRequest__Output } from '#protos/generated/grpc/health/v1/HealthCheckRequest.ts';
import type { HealthCheckResponse } from '#protos/generated/grpc/health/v1/HealthCheckResponse.ts';
import type { HealthHandlers } from '#protos/generated/grpc/health/v1/Health.ts';
import type { ProtoGrpcType } from '#protos/generated/health.ts';
import { loadProto } from '../grpc/load-proto.ts';

/** The service that tells of the health of others: a stub of it, and its definition. */
export const { Health: HealthService } = loadProto<ProtoGrpcType>('health.proto').grpc.health.v1;

/** What a server says of itself, or of one of its services. */
export type Serving = 'SERVING' | 'NOT_SERVING';

/** Somebody who watches, and hears of each change. */
export type OpenWatch = ServerWritableStream<HealthCheckRequest__Output, HealthCheckResponse>;

/** The health of one server, and the handlers that tell it. It is what the npm package `grpc-health-check` is, and gives out its streams as well. */
export class Health {
  readonly #statuses = new Map<string, Serving>();
  /** The streams that are open: they end by themselves only when their clients leave. */
  readonly watches = new Set<OpenWatch>();

  /** Says how a service is from now on. Whoever watches it hears of it, unless it has been so before. */
  set(service: string, serving: Serving): void {
    if (this.#statuses.get(service) === serving) return;
    this.#statuses.set(service, serving);
    for (const watch of this.watches) if (watch.request.service === service) watch.write({ status: serving });
  }

  readonly handlers: HealthHandlers = {
    Check: ({ request: { service } }, callback) => {
      const serving = this.#statuses.get(service);
      if (serving) callback(null, { status: serving });
      else callback({ code: status.NOT_FOUND, details: 'This server has no service of that name.' });
    },
    Watch: (watch) => {
      const forget = (): void => void this.watches.delete(watch);
      for (const over of ['cancelled', 'error', 'finish']) watch.once(over, forget);
      this.watches.add(watch);
      watch.write({ status: this.#statuses.get(watch.request.service) ?? 'SERVICE_UNKNOWN' });
    },
  };
}
