import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('03-client-streaming', { server, client });

test('greets World, gRPC and Node when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines.slice(1)).toEqual(['  Hello World', '  Hello gRPC', '  Hello Node']);
  expect(exitCode).toBe(0);
});

test('takes names from a pipe, one a line, and the greeting from elsewhere', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['Ada', 'Grace'] });
  expect(lines.slice(1)).toEqual(['  Hello Ada', '  Hello Grace']);
});

test('keeps as much of one client as fits into a reply, and not a byte more', async () => {
  const { server: own, port } = await server.start('127.0.0.1:0');
  onTestFinished(() => own.forceShutdown());
  const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
  // Around the texts a reply has some bytes more: this client takes it all the same.
  const stub = new Hello(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  onTestFinished(() => stub.close());
  const mebibyte = 1_024 * 1_024;
  /** Sends four requests. @returns how many came back, or why none did */
  const send = (more: number): Promise<number | ServiceError> =>
    new Promise((resolve) => {
      const call = stub.clientHello((error, reply) => resolve(error ?? reply!.request.length));
      call.on('error', () => {});
      // Two bytes of a greeting, and the 16 that each request counts in any case.
      for (const size of [mebibyte, mebibyte, mebibyte, mebibyte + more]) {
        call.write({ greeting: 'é', name: 'x'.repeat(size - 2 - 16) });
      }
      call.end();
    });
  expect(await send(0)).toBe(4);
  expect(await send(1)).toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: 'This is more than fits into one reply.',
  });
});
