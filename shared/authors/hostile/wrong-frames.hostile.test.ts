import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import { Attacked } from './attack.ts';

const attacked = await Attacked.servers();

/** The longest message that grpc-js takes by default, in bytes. */
const longest = 4 * 1_024 * 1_024;

const gzip = { 'grpc-encoding': 'gzip' };

// Which status goes with what: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
attacked.everyMethod(
  'answers a message that says it is too long with RESOURCE_EXHAUSTED, and waits for none of it',
  async (client, { method, good }) => {
    const message = method.requestSerialize(good());
    for (const length of [2 ** 32 - 1, 2 ** 31, longest + 1]) {
      const call = client.call(method.path);
      // It stays open: the answer has to come without the end.
      call.stream.write(frame(message, { length }));
      await call.begun;
      call.stream.end();
      expect(await call.ended).toMatchObject({
        code: status.RESOURCE_EXHAUSTED,
        details: `Received message larger than max (${length} vs ${longest})`,
      });
    }
  },
);

attacked.everyMethod(
  'answers a message that is too long once it is unpacked with RESOURCE_EXHAUSTED',
  async (client, { method }) => {
    const bomb = frame(gzipSync(Buffer.alloc(longest + 1)), { flag: 1 });
    const { code } = await client.send(method.path, bomb, gzip).ended;
    expect(code).toBe(status.RESOURCE_EXHAUSTED);
  },
);

attacked.everyMethod(
  'answers what it cannot unpack with INTERNAL, and a way of packing that it does not know with UNIMPLEMENTED',
  async (client, { method, good }) => {
    for (const bytes of [Buffer.from('no gzip'), gzipSync('cut off').subarray(0, -9)]) {
      expect(await client.send(method.path, frame(bytes, { flag: 1 }), gzip).ended).toMatchObject({
        code: status.INTERNAL,
        details: 'Failed to decompress message',
      });
    }
    const message = frame(method.requestSerialize(good()), { flag: 1 });
    const { code } = await client.send(method.path, message, { 'grpc-encoding': 'br' }).ended;
    expect(code).toBe(status.UNIMPLEMENTED);
  },
);

// gRPC asks for INTERNAL when a message says that it is packed and no way of packing is named, and knows no flag but 0
// and 1 (https://github.com/grpc/grpc/blob/master/doc/compression.md). grpc-js reads such a message as if nothing
// had been said (`decompressMessage` of server-interceptors.ts, 1.14.7): no harm, and nothing that a server could see.
attacked.everyMethod(
  'takes a message with a flag that means nothing as it is',
  async (client, { method, good, answers }) => {
    if (method.responseStream && !method.requestStream) return;
    for (const flag of [1, 2, 255]) {
      const bytes = frame(method.requestSerialize(good()), { flag });
      const { code, details } = await client.send(method.path, bytes).ended;
      expect(answers, details).toContain(code);
    }
  },
);

attacked.everyMethod(
  'answers a second request where there may be one with UNIMPLEMENTED',
  async (client, { method, good, answers }) => {
    if (method.requestStream) return;
    const one = frame(method.requestSerialize(good()));
    const { code } = await client.send(method.path, Buffer.concat([one, one])).ended;
    const { PERMISSION_DENIED, UNIMPLEMENTED } = status;
    expect(code).toBe(answers.includes(PERMISSION_DENIED) ? PERMISSION_DENIED : UNIMPLEMENTED);
  },
);

// protobuf.js goes into groups by calling itself: the stack ends before the message does.
attacked.everyMethod('answers groups in groups without end with INTERNAL', async (client, { method }) => {
  const groups = frame(Buffer.alloc(longest, (15 << 3) | 3));
  expect(await client.send(method.path, groups).ended).toMatchObject({
    code: status.INTERNAL,
    details: 'Error deserializing request',
  });
});
