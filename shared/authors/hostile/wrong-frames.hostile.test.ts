import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { frame } from '#kit/frames.ts';
import { everyMethod } from './attack.ts';
import { awaited, type Ended, type RawClient } from './raw-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services } from './attacked-services.ts';

const servers = attackedServers();

/** The longest message that grpc-js takes by default, in bytes. */
const longest = 4 * 1_024 * 1_024;

const ending = (client: RawClient, path: string, bytes: Uint8Array, encoding?: string): Promise<Ended> =>
  awaited(
    client.send(path, bytes, encoding === undefined ? {} : { 'grpc-encoding': encoding }).ended,
    `the end of ${path}`,
  );

// Which status goes with what: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
describe.each(services)('$name', (service) => {
  it('answers a message that says it is too long with RESOURCE_EXHAUSTED, and waits for none of it', () =>
    everyMethod(servers.process, service, async (client, { method, good }) => {
      const message = method.requestSerialize(good());
      for (const length of [2 ** 32 - 1, 2 ** 31, longest + 1]) {
        const call = client.call(method.path);
        // It stays open: the answer has to come without the end.
        call.stream.write(frame(message, { length }));
        await awaited(call.begun, `an answer of ${method.path}`);
        call.stream.end();
        expect(await awaited(call.ended, `the end of ${method.path}`)).toMatchObject({
          code: status.RESOURCE_EXHAUSTED,
          details: `Received message larger than max (${length} vs ${longest})`,
        });
      }
    }));

  it('answers a message that is too long once it is unpacked with RESOURCE_EXHAUSTED', () =>
    everyMethod(servers.process, service, async (client, { method }) => {
      const bomb = frame(gzipSync(Buffer.alloc(longest + 1)), { flag: 1 });
      expect(await ending(client, method.path, bomb, 'gzip')).toMatchObject({
        code: status.RESOURCE_EXHAUSTED,
      });
    }));

  it('answers what it cannot unpack with INTERNAL, and a way of packing that it does not know with UNIMPLEMENTED', () =>
    everyMethod(servers.process, service, async (client, { method, good }) => {
      const message = method.requestSerialize(good());
      for (const bytes of [Buffer.from('no gzip'), gzipSync('cut off').subarray(0, -9)]) {
        expect(await ending(client, method.path, frame(bytes, { flag: 1 }), 'gzip')).toMatchObject({
          code: status.INTERNAL,
          details: 'Failed to decompress message',
        });
      }
      expect(await ending(client, method.path, frame(message, { flag: 1 }), 'br')).toMatchObject({
        code: status.UNIMPLEMENTED,
      });
    }));

  // gRPC asks for INTERNAL when a message says that it is packed and no way of packing is named, and knows no flag but 0
  // and 1 (https://github.com/grpc/grpc/blob/master/doc/compression.md). grpc-js reads such a message as if nothing
  // had been said (`decompressMessage` of server-interceptors.ts, 1.14.7): no harm, and nothing that a server could see.
  it('takes a message with a flag that means nothing as it is', () =>
    everyMethod(servers.process, service, async (client, { method, good, answers }) => {
      if (method.responseStream && !method.requestStream) return;
      for (const flag of [1, 2, 255]) {
        const { code, details } = await ending(
          client,
          method.path,
          frame(method.requestSerialize(good()), { flag }),
        );
        expect(answers, details).toContain(code);
      }
    }));

  it('answers a second request where there may be one with UNIMPLEMENTED', () =>
    everyMethod(servers.process, service, async (client, { method, good, answers }) => {
      if (method.requestStream) return;
      const one = frame(method.requestSerialize(good()));
      const refused = answers.includes(status.PERMISSION_DENIED);
      expect(await ending(client, method.path, Buffer.concat([one, one]))).toMatchObject({
        code: refused ? status.PERMISSION_DENIED : status.UNIMPLEMENTED,
      });
    }));

  // protobuf.js goes into groups by calling itself: the stack ends before the message does.
  it('answers groups in groups without end with INTERNAL', () =>
    everyMethod(servers.process, service, async (client, { method }) => {
      const groups = Buffer.alloc(longest, (15 << 3) | 3);
      expect(await ending(client, method.path, frame(groups))).toMatchObject({
        code: status.INTERNAL,
        details: 'Error deserializing request',
      });
    }));
});
