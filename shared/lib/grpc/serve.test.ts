import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import {
  makeClientConstructor,
  ServerCredentials,
  ServerInterceptingCall,
  status,
  type handleUnaryCall,
  type Client,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import { issueServer, makeAuthority } from '../certificates/issue.ts';
import { lifeFrom } from '../certificates/misfits.ts';
import { soon } from '#kit/calls.ts';
import { frame } from '#kit/frames.ts';
import { closePeers, serving, stubAt, tracked } from '#kit/peers.ts';
import { loadProto } from './load-proto.ts';
import { serve, serveAll } from './serve.ts';

const { Hello } = loadProto<Hello>('hello.proto').hello;
const { ChatService } = loadProto<Chat>('chat.proto').chat;
const { ChatService: LiveChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

afterEach(closePeers);

const hello = {
  hello: ({ request }: { request: { name: string } }, callback: (error: null, reply: object) => void) =>
    callback(null, { message: `Hello ${request.name}` }),
};
const stats = {
  GetStats: (_call: unknown, callback: (error: null, reply: object) => void) =>
    callback(null, { num_messages: 7 }),
};

/** Calls a method by its path, as a client does that has its contract from somewhere else. */
const called = (address: string, service: ServiceDefinition, method: string, path: string) => {
  const own = { [method]: { ...service[method]!, path } };
  const stub = stubAt(makeClientConstructor(own, 'Own'), address) as Client &
    Record<string, (...args: unknown[]) => void>;
  return new Promise<object>((resolve) => {
    stub[method]!({ name: 'Ada' }, soon(), (error: ServiceError | null, reply: object) =>
      resolve(error ? { code: error.code } : reply),
    );
  });
};

it('serves a service, and says on which port', async () => {
  const { server, port } = await serve(Hello.service, hello, '127.0.0.1:0');
  tracked(server);
  const address = `127.0.0.1:${port}`;
  expect(await called(address, Hello.service, 'hello', '/hello.Hello/hello')).toEqual({
    message: 'Hello Ada',
  });
});

it('serves several at one address, with what stands before them', async () => {
  const paths: string[] = [];
  const { server, port } = await serveAll(
    [
      { service: Hello.service, handlers: hello },
      { service: ChatService.service, handlers: stats },
    ],
    '127.0.0.1:0',
    {
      interceptors: [
        ({ path }, call) => {
          paths.push(path);
          return new ServerInterceptingCall(call);
        },
      ],
    },
  );
  tracked(server);
  const address = `127.0.0.1:${port}`;
  await called(address, Hello.service, 'hello', '/hello.Hello/hello');
  expect(await called(address, ChatService.service, 'GetStats', '/chat.ChatService/GetStats')).toEqual({
    num_messages: 7,
  });
  expect(paths).toEqual(['/hello.Hello/hello', '/chat.ChatService/GetStats']);
});

it.each([
  ['of lesson 5', ChatService.service, 'GetStats', stats, { num_messages: 7 }],
  [
    'of lesson 6',
    LiveChatService.service,
    'SendMessage',
    { SendMessage: (_call: unknown, callback: (error: null, reply: object) => void) => callback(null, {}) },
    { user_name: '', text: '' },
  ],
])(
  'serves the chat %s to clients that know no package, too',
  async (_which, service, method, handlers, reply) => {
    const { server, port } = await serve(service as ServiceDefinition, handlers, '127.0.0.1:0');
    tracked(server);
    const address = `127.0.0.1:${port}`;
    expect(await called(address, service as ServiceDefinition, method, `/ChatService/${method}`)).toEqual(
      reply,
    );
  },
);

it('serves every other service under its full name alone', async () => {
  const inAnotherPackage = {
    ...ChatService.service,
    Other: { ...Hello.service.hello, path: '/my/chat.ChatService/Other' },
  };
  for (const [service, handlers, path] of [
    [Hello.service, hello, '/Hello/hello'],
    // One method of another service is enough.
    [inAnotherPackage, stats, '/ChatService/GetStats'],
  ] as const) {
    const { server, port } = await serve(service as ServiceDefinition, handlers, '127.0.0.1:0');
    tracked(server);
    const method = path.slice(path.lastIndexOf('/') + 1);
    expect(await called(`127.0.0.1:${port}`, service as ServiceDefinition, method, path)).toEqual({
      code: status.UNIMPLEMENTED,
    });
  }
});

it('secures its connections with what it is given', async () => {
  const authority = await makeAuthority(lifeFrom(0, 1));
  const { certificate, key } = await issueServer(authority, ['localhost'], lifeFrom(0, 1));
  const secured = ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  const { server, port } = await serve(Hello.service, hello, '127.0.0.1:0', secured);
  tracked(server);
  expect(await called(`127.0.0.1:${port}`, Hello.service, 'hello', '/hello.Hello/hello')).toEqual({
    code: status.UNAVAILABLE,
  });
});

it('says when its port is taken', async () => {
  const { server, port } = await serve(Hello.service, hello, '127.0.0.1:0');
  tracked(server);
  await expect(serve(Hello.service, hello, `127.0.0.1:${port}`)).rejects.toThrow('EADDRINUSE');
});

it('hands over no call whose deadline passes between its request and its half-close', async () => {
  const handed: string[] = [];
  const handler: handleUnaryCall<{ name: string }, object> = ({ request }, callback) => {
    handed.push(request.name);
    callback(null, {});
  };
  const session = connect(`http://${await serving(Hello.service, { hello: handler })}`);
  const begun = (name: string, headers: Record<string, string> = {}): ClientHttp2Stream => {
    const stream = session.request({
      ':method': 'POST',
      ':path': Hello.service.hello.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.write(frame(Hello.service.hello.requestSerialize({ name })));
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
});
