import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { frame } from '#kit/frames.ts';
import { everyMethod } from './attack.ts';
import { awaited } from './raw-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services } from './attacked-services.ts';

const servers = attackedServers();

describe.each(services)('$name', (service) => {
  it('answers a frame that is cut anywhere, and then the half-close, as a request that never came', () =>
    everyMethod(servers.process, service, async (client, { method, good, answers }) => {
      const whole = frame(method.requestSerialize(good()));
      const cuts = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
      const ends = await Promise.all(
        cuts.map((bytes) => awaited(client.send(method.path, bytes).ended, `the end of ${method.path}`)),
      );
      for (const { code, details } of ends) {
        // One request is asked for, and none came: UNIMPLEMENTED is gRPC's status for that ("request cardinality
        // violation" in https://grpc.github.io/grpc/core/md_doc_statuscodes.html). Where any number of requests may
        // come, grpc-js drops the part of a frame and takes the half-close for a good one: OK, or what the handler says
        // to no request at all. Nothing of it reaches a handler, so no server can tell (`handleEndEvent` of
        // server-interceptors.ts, 1.14.7). gRPC for Go and C say INTERNAL.
        if (!method.requestStream) expect(code, details).toBe(status.UNIMPLEMENTED);
        else expect(answers, details).toContain(code);
      }
    }));

  it('forgets a call whose frame is cut anywhere by a reset', () =>
    everyMethod(servers.process, service, async (client, { method, good }) => {
      const whole = frame(method.requestSerialize(good()));
      const calls = Array.from({ length: whole.length + 1 }, (_, length) => {
        const call = client.call(method.path);
        call.stream.write(whole.subarray(0, length), () => call.stream.close(8));
        return call;
      });
      for (const { ended } of calls) {
        const { code } = await awaited(ended, `the end of ${method.path}`);
        // Nobody is left to be told; unless the answer was quicker than the reset.
        expect([undefined, status.OK, status.INVALID_ARGUMENT]).toContain(code);
      }
    }));
});
