import { status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import { Attacked } from './attack.ts';

const attacked = await Attacked.servers();

attacked.everyMethod(
  'answers a frame that is cut anywhere, and then the half-close, as a request that never came',
  async (client, { method, good, answers }) => {
    const whole = frame(method.requestSerialize(good()));
    const calls = Array.from(whole.keys(), (length) => client.send(method.path, whole.subarray(0, length)));
    for (const { code, details } of await Promise.all(calls.map(({ ended }) => ended))) {
      // One request is asked for, and none came: UNIMPLEMENTED is gRPC's status for that ("request cardinality
      // violation" in https://grpc.github.io/grpc/core/md_doc_statuscodes.html). Where any number of requests may
      // come, grpc-js drops the part of a frame and takes the half-close for a good one: OK, or what the handler says
      // to no request at all. Nothing of it reaches a handler, so no server can tell (`handleEndEvent` of
      // server-interceptors.ts, 1.14.7). gRPC for Go and C say INTERNAL.
      const expected = method.requestStream ? answers : [status.UNIMPLEMENTED];
      expect(expected, details).toContain(code);
    }
  },
);

attacked.everyMethod(
  'forgets a call whose frame is cut anywhere by a reset',
  async (client, { method, good }) => {
    const whole = frame(method.requestSerialize(good()));
    const calls = Array.from({ length: whole.length + 1 }, (_, length) => {
      const call = client.call(method.path);
      void call.write(whole.subarray(0, length)).then(() => call.stream.close(8));
      return call;
    });
    for (const { code } of await Promise.all(calls.map(({ ended }) => ended))) {
      // Nobody is left to be told; unless the answer was quicker than the reset.
      expect([undefined, status.OK, status.INVALID_ARGUMENT]).toContain(code);
    }
  },
);
