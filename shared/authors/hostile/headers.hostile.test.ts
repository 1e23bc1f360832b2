import { constants, type OutgoingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import { Attacked } from './attack.ts';
import { services } from './attacked-services.ts';
import { awaited, socketTo } from './raw-client.ts';

const attacked = await Attacked.servers();

const headersOf = (count: number, value: string): OutgoingHttpHeaders =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, value]));

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_COMPRESSION_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;

/** What no server has to bear of headers, each with how it is refused: by a reset of the call, or of the connection. */
const tooMuch: [what: string, headers: OutgoingHttpHeaders, resets: number[]][] = [
  ['more than 128', headersOf(200, 'a'), [NGHTTP2_ENHANCE_YOUR_CALM]],
  [
    'one of more than 64 KB',
    headersOf(1, 'X'.repeat(70_000)),
    [NGHTTP2_COMPRESSION_ERROR, NGHTTP2_ENHANCE_YOUR_CALM],
  ],
  ['200 KB in sum', headersOf(100, 'X'.repeat(2_000)), [NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM]],
];

// Node.js and its nghttp2 refuse these before gRPC knows of a call; grpc-js sets no limit of its own to a server. A
// client reads RESOURCE_EXHAUSTED out of ENHANCE_YOUR_CALM, and INTERNAL or UNAVAILABLE out of the others: "HTTP2
// error codes" in https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
attacked.everyMethod(
  'takes no headers over the limit, and only who sends them loses anything',
  async (_client, { method }, service) => {
    for (const [what, headers, resets] of tooMuch) {
      const client = await attacked.connect(service);
      const { code, reset } = await client.call(method.path, headers).ended;
      expect(code, what).toBeUndefined();
      expect(resets, what).toContain(reset);
      client.vanish();
    }
  },
);

attacked.everyMethod(
  'answers headers that are no gRPC in words of their own',
  async (client, { method, good }) => {
    const bytes = frame(method.requestSerialize(good()));
    const unknown = await client.send(`${method.path}%00\u00ff`, bytes).ended;
    expect(unknown.code, unknown.details).toBe(status.UNIMPLEMENTED);
    const timeout = await client.send(method.path, bytes, { 'grpc-timeout': 'soon' }).ended;
    expect(timeout.code).toBe(status.INTERNAL);
    const { stream } = client.send(method.path, bytes, { 'content-type': 'text/html' });
    const answered = new Promise((resolve) => stream.once('response', resolve));
    expect(await awaited(answered, 'an answer')).toMatchObject({ ':status': 415 });
  },
);

it.each(services)('$name hangs up on who does not speak HTTP/2', async (service) => {
  await attacked.besideClient(service, async () => {
    for (const words of [
      'GET / HTTP/1.1\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0',
      '\0'.repeat(1_000),
    ]) {
      const socket = socketTo(attacked.process, service);
      const hungUp = new Promise((resolve) => void socket.once('close', resolve));
      socket.resume().write(words);
      // Half of a greeting may go on: then it is for the caller to hang up.
      if (words.startsWith('PRI')) socket.end();
      await awaited(hungUp, 'the end of the connection');
    }
  });
});
