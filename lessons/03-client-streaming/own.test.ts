import { Metadata } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { DelayedReply__Output } from '#protos/generated/hello/DelayedReply.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { replyTo } from '#kit/calls.ts';
import { same } from '#kit/check-failure.ts';
import { greetingRequests } from '#kit/random-inputs.ts';
import { calling } from '#kit/peers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

describe('On your own · No guest twice', () => {
  const [first, second, third] = greetingRequests(3) as [HelloRequest, HelloRequest, HelloRequest];
  const requests = [first, second, { ...first, greeting: third.greeting }, third, second];

  const repliesTo = async (...values: (string | undefined)[]): Promise<DelayedReply__Output[]> => {
    const { clientHello } = await import('#answers/03-client-streaming/server.ts');
    const stub = await calling(Hello, { clientHello });
    return Promise.all(
      values.map((value) => {
        const metadata = new Metadata();
        if (value !== undefined) metadata.set('guests', value);
        return replyTo<DelayedReply__Output>((options, done) => {
          const call = stub.clientHello(metadata, options, done);
          for (const request of requests) call.write(request);
          call.end();
        }, 'Answer once the client has finished, as in step 1.');
      }),
    );
  };
  const replyWith = (request: HelloRequest[]) => ({
    message: `You have sent ${request.length} messages. Please expect a delayed response.`,
    request,
  });

  it('keeps the first request of each name for a client that asks for it', async () => {
    const [reply] = await repliesTo('once');
    same(
      reply,
      replyWith([first, second, third]),
      'The same name comes again: the first request with it counts.',
    );
  });

  it('keeps them all for every other client, at the same time', async () => {
    same(
      await repliesTo(undefined, 'once', 'twice'),
      [replyWith(requests), replyWith([first, second, third]), replyWith(requests)],
      'What one client asks for is for its own call, and only the value "once" asks for it.',
    );
  });
});
