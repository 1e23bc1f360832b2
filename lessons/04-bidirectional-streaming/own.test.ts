import { Metadata } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { endedWell, hear, soon } from '#kit/calls.ts';
import { same } from '#kit/check-failure.ts';
import { greetingRequests } from '#kit/random-inputs.ts';
import { calling, serving, stubAt } from '#kit/peers.ts';
import { stalledAt } from '#kit/stalled-reader.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
type Request = ReturnType<typeof greetingRequests>[number];
const handler = async () => (await import('#answers/04-bidirectional-streaming/server.ts')).biHello;
const replyTo = ({ greeting, name }: Request) => ({ message: `${greeting} ${name}` });

const drawn = () => {
  const [first, honoured, late] = greetingRequests(3) as [Request, Request, Request];
  const last = honoured.name;
  const all = [{ ...first, name: '' }, { ...late, name: `${last} II` }, honoured, late, honoured];
  return { last, all, admitted: all.slice(0, 3) };
};

/** Sends all requests at once. Whoever waits for a guest that comes does not say that these were all. */
const greeted = async (stub: HelloClient, requests: Request[], guest?: string) => {
  const call = stub.biHello(Metadata.fromHttp2Headers({ last: guest }), soon());
  for (const request of requests) call.write(request);
  const comes = requests.some(({ name }) => name === guest);
  if (!comes) call.end();
  const { messages, ended } = await hear(call);
  const never = 'The guest of honour has come: wait neither for the half-close nor for one more request.';
  endedWell(ended, comes ? never : 'This client has finished: end its call, as in step 2.');
  return messages;
};

describe('On your own · The guest of honour', () => {
  it('ends the call behind the greeting of this guest, and answers nothing that is under way', async () => {
    const { last, all, admitted } = drawn();
    const answer = await handler();
    const biHello: HelloHandlers['biHello'] = (call) => {
      call.metadata.set('last', last);
      return answer(call);
    };
    const address = await serving(Hello.service, { biHello });
    const stub = stubAt(Hello, address);
    // The greetings wait in the server for this client, and the status behind them: meanwhile the rest arrives.
    const reader = stalledAt(address, Hello.service.biHello, ...all);
    const advice = 'The greeting of the first request with exactly this name is the last reply.';
    for (let time = 0; time < 20; time += 1)
      same(await greeted(stub, admitted, last), admitted.map(replyTo), advice);
    same((await reader.read()).messages, admitted.map(replyTo), advice);
  });

  it('greets all for every other client, at the same time and later', async () => {
    const { last, all, admitted } = drawn();
    const stub = await calling(Hello, { biHello: await handler() });
    for (let time = 0; time < 2; time += 1) {
      const calls = [greeted(stub, all), greeted(stub, all, last), greeted(stub, all, `${last} III`)];
      for (const [index, messages] of (await Promise.all(calls)).entries()) {
        const expected = index === 1 ? admitted : all;
        same(messages, expected.map(replyTo), 'Each client names a guest for its own call, or none.');
      }
    }
  });
});
