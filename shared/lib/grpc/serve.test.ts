import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import {
  makeClientConstructor,
  ServerInterceptingCall,
  status,
  type handleUnaryCall,
  type Client,
  type ServiceDefinition,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import { soon } from '#kit/calls.ts';
import { frame } from '#kit/grpc-frames.ts';
import { closePeers, serving, stubAt, tracked } from '#kit/peers.ts';
import { Hello } from '#testkit/hello-service.ts';
import { loadProto } from './load-proto.ts';
import { serve, serveAll } from './serve.ts';

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

/** Calls a method of the workbook's own service. */
const greeted = (address: string): Promise<object> =>
  called(address, Hello.service, 'hello', Hello.service.hello.path);

it('serves a service, and says on which port, or that the port is taken', async () => {
  const { server, port } = await serve(Hello.service, hello, '127.0.0.1:0');
  tracked(server);
  expect(await greeted(`127.0.0.1:${port}`)).toEqual({ message: 'Hello Ada' });
  await expect(serve(Hello.service, hello, `127.0.0.1:${port}`)).rejects.toThrow('EADDRINUSE');
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
  await greeted(address);
  expect(await called(address, ChatService.service, 'GetStats', '/chat.ChatService/GetStats')).toEqual({
    num_messages: 7,
  });
  expect(paths).toEqual(['/hello.Hello/hello', '/chat.ChatService/GetStats']);
});

const inAnotherPackage = {
  ...ChatService.service,
  Other: { ...Hello.service.hello, path: '/my/chat.ChatService/Other' },
};
const send = { SendMessage: (_call: unknown, callback: Function) => callback(null, {}) };
const stats7 = { num_messages: 7 };
const unknown = { code: status.UNIMPLEMENTED };
it.each<[string, string, ServiceDefinition, UntypedServiceImplementation, string, object]>([
  ['the chat of lesson 5', 'too', ChatService.service, stats, '/ChatService/GetStats', stats7],
  [
    'the chat of lesson 6',
    'too',
    LiveChatService.service,
    send,
    '/ChatService/SendMessage',
    { user_name: '', text: '' },
  ],
  ['another service', 'not', Hello.service, hello, '/Hello/hello', unknown],
  [
    'one that has a method of another service',
    'not',
    inAnotherPackage,
    stats,
    '/ChatService/GetStats',
    unknown,
  ],
])('serves %s to clients that know no package: %s', async (_which, _how, service, handlers, path, reply) => {
  const method = path.slice(path.lastIndexOf('/') + 1);
  expect(await called(await serving(service, handlers), service, method, path)).toEqual(reply);
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
