import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { status, type handleUnaryCall } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { closePeers, serving } from '#shared/testing/peers.ts';
import { loadProto } from './load-proto.ts';

const { service } = loadProto<ProtoGrpcType>('hello.proto').hello.Hello;

it('hands over no call whose deadline passes between its request and its half-close', async () => {
  const handed: string[] = [];
  const hello: handleUnaryCall<{ name: string }, object> = ({ request }, callback) => {
    handed.push(request.name);
    callback(null, {});
  };
  const session = connect(`http://${await serving(service, { hello })}`);
  const begun = (name: string, headers: Record<string, string> = {}): ClientHttp2Stream => {
    const stream = session.request({
      ':method': 'POST',
      ':path': service.hello.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const message = service.hello.requestSerialize({ name });
    stream.write(Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]));
    return stream;
  };

  const late = begun('late', { 'grpc-timeout': '1m' });
  const [answer] = await once(late, 'response');
  expect(answer).toMatchObject({ 'grpc-status': String(status.DEADLINE_EXCEEDED) });
  late.end();
  // What one connection brings, comes in order.
  const next = begun('next').end();
  await once(next.resume(), 'close');
  expect(handed).toEqual(['next']);

  session.close();
  await closePeers();
});
