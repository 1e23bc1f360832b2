import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { within } from '#kit/bounds.ts';
import { rejectedWith, replyTo, settled } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { calling, serving, started, stubAt, tracked, trackedStub } from '#kit/peers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/01-unary-hello/server.ts');
const client = () => import('#answers/01-unary-hello/client.ts');

const good: HelloHandlers['hello'] = ({ request }, callback) =>
  callback(null, { message: `${request.greeting} ${request.name}` });
const neverAnswered = 'The caller waits until your handler calls callback(null, reply).';

describe('Step 1 · Answer the call', () => {
  it('answers with the greeting, a space and the name', async () => {
    const { hello } = await server();
    const stub = await calling(Hello, { hello });
    const ask = (greeting: string, name: string) =>
      replyTo<HelloReply__Output>(
        (options, done) => stub.hello({ greeting, name }, options, done),
        neverAnswered,
      );
    const first = await ask('Hello', 'World');
    const advice =
      first.message === ''
        ? 'The message that came is empty: its field is named message. Any other name is dropped without a word.'
        : 'Build the message from call.request: the greeting first, then one space, then the name.';
    same(first, { message: 'Hello World' }, advice);
    same(await ask('Good morning', 'Node'), { message: 'Good morning Node' }, advice);
  });
});

describe('Step 2 · Open the kitchen', () => {
  // First, because a server that is always at one address fails the other checks as well, now and then.
  it('listens at the address it is given', async () => {
    const { start } = await server();
    const one = await started(() => start('127.0.0.1:0', { hello: good }));
    const other = await started(() => start('127.0.0.1:0', { hello: good }));
    must(one !== other, {
      expected: 'two servers, each on a port of its own',
      came: `both on ${one}`,
      advice: 'Bind to the address that start() got, and resolve with the port that bindAsync reports.',
    });
  });

  it('takes calls for hello once it has started, and hands them to the handler it is given', async () => {
    const { start } = await server();
    const given: HelloHandlers['hello'] = (_call, callback) => callback(null, { message: 'as given' });
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0', { hello: given })));
    const request = { greeting: 'Hello', name: 'World' };
    const reply = await replyTo((options, done) => stub.hello(request, options, done), neverAnswered);
    const advice = 'Give addService the handlers that start() got. Here they hold a handler of the check.';
    same(reply, { message: 'as given' }, advice);
  });

  it('says so when the port is already taken', async () => {
    const { start } = await server();
    const taken = await started(() => start('127.0.0.1:0', { hello: good }));
    const second = (async () => start(taken, { hello: good }))().then(
      (listening) => listening,
      () => 'rejected' as const,
    );
    const came = await within(second, {
      expected: 'start() to reject',
      came: 'nothing: its promise is still open',
      advice: 'bindAsync tells its callback an error when the port is taken: call reject(error).',
    });
    if (came === 'rejected') return;
    if (came?.server) tracked(came.server);
    const elsewhere = came?.port > 0;
    throw new CheckFailure({
      expected: 'start() to reject',
      came: elsewhere ? 'it listens, but at another port' : 'it resolved, as if the server listened',
      advice: elsewhere
        ? 'Bind to the address that start() got, as it is.'
        : 'Look at the error that the callback of bindAsync gets before you resolve.',
    });
  });
});

describe('Step 3 · Get a stub', () => {
  it('gives a stub for the server at the address', async () => {
    const { connect } = await client();
    let reached = false;
    const hello: HelloHandlers['hello'] = (call, callback) => {
      reached = true;
      good(call, callback);
    };
    const stub = connect(await serving(Hello.service, { hello }));
    must(typeof stub?.hello === 'function', {
      expected: 'a stub, which has a method hello',
      came: String(stub),
      advice: 'Return new Hello(address, …).',
    });
    trackedStub(stub);
    const call = replyTo(
      (options, done) => stub.hello({ greeting: 'Hello', name: 'World' }, options, done),
      neverAnswered,
    );
    // Another server may have answered, or none: all that counts is which one the call has reached.
    await call.catch(() => {});
    must(reached, {
      expected: 'a call over the stub to reach the server at the address that connect() got',
      came: 'none: they went elsewhere, or not in the way that this server speaks',
      advice: 'Hand on the address as it is; for credentials take credentials.createInsecure().',
    });
    await call;
  });
});

describe('Step 4 · Make the call, with a deadline', () => {
  const world = { greeting: 'Hello', name: 'World' };
  const neverSettled = 'Resolve with the reply in the callback of stub.hello, or reject with the error.';

  it('sends the request and resolves with the reply', async () => {
    const { sayHello } = await client();
    const requests: HelloRequest__Output[] = [];
    const stub = await calling(Hello, {
      hello: ((call, callback) => {
        requests.push(call.request);
        good(call, callback);
      }) satisfies HelloHandlers['hello'],
    });
    const reply = await settled(sayHello(stub, world), neverSettled);
    same(requests, [world], 'Hand the request to stub.hello as it is, in one call.');
    same(
      reply,
      { message: 'Hello World' },
      'Resolve with the reply itself: the second thing the callback gets.',
    );
  });

  it('sets a deadline', async () => {
    const { sayHello } = await client();
    let deadline: Date | number = Infinity;
    const stub = await calling(Hello, {
      hello: ((call, callback) => {
        deadline = call.getDeadline();
        good(call, callback);
      }) satisfies HelloHandlers['hello'],
    });
    await settled(sayHello(stub, world), neverSettled);
    const left = Number(deadline) - Date.now();
    must(left < 60_000, {
      expected: 'the call to carry a deadline of at most a minute',
      came: Number.isFinite(left)
        ? `one of ${Math.round(left / 60_000)} minutes`
        : 'a call without a deadline',
      advice: 'Pass { deadline: Date.now() + patience } between the request and the callback.',
    });
  });

  it('rejects with the status when the server refuses', async () => {
    const { sayHello } = await client();
    const stub = await calling(Hello, {
      hello: ((_call, callback) =>
        callback({ code: status.PERMISSION_DENIED, details: 'not today' })) satisfies HelloHandlers['hello'],
    });
    await rejectedWith(sayHello(stub, world), status.PERMISSION_DENIED);
  });
});

describe('Step 5 · Say so when nobody listens', () => {
  const failed = (code: status, details: string) =>
    Object.assign(new Error(details), { code, details, metadata: undefined as never });

  it('names the address when nobody listens there', async () => {
    const { explain } = await client();
    const sentence = explain(
      failed(status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED'),
      '127.0.0.1:50051',
    );
    must(typeof sentence === 'string' && sentence.includes('127.0.0.1:50051'), {
      expected: 'a sentence with the address 127.0.0.1:50051 in it',
      came: inspect(sentence),
      advice: 'Return your sentence when error.code is status.UNAVAILABLE.',
    });
  });

  it('adds nothing to any other status', async () => {
    const { explain } = await client();
    const sentence = explain(failed(status.NOT_FOUND, 'no such guest'), '127.0.0.1:50051');
    same(sentence, undefined, 'Your sentence is for UNAVAILABLE only.');
  });
});

describe('Both halves together', () => {
  it('says hello over the wire', async () => {
    const { start } = await server();
    const { connect, sayHello } = await client();
    const stub = trackedStub(connect(await started(() => start('127.0.0.1:0'))));
    const reply = await settled(sayHello(stub, { greeting: 'Hello', name: 'World' }), neverAnswered);
    same(
      reply,
      { message: 'Hello World' },
      'Each half passes alone: do both use the same contract and address?',
    );
  });
});
