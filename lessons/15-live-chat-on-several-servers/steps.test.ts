import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { connectivityState, Server, status } from '@grpc/grpc-js';
import { describe, it, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { within } from '#kit/bounds.ts';
import { rejectedWith, replyTo, settled } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { allTexts, everyFailure, greetingRequest, greetingRequests, integer } from '#kit/drawn.ts';
import { moveTimeOn } from '#kit/moved-time.ts';
import {
  calling,
  gone,
  reachedFromOutside,
  serving,
  started,
  stubAt,
  tracked,
  trackedStub,
} from '#kit/peers.ts';
import { timersStarted } from '#kit/timers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/15-live-chat-on-several-servers/server.ts');
const client = () => import('#answers/15-live-chat-on-several-servers/client.ts');

const good: HelloHandlers['hello'] = ({ request }, callback) =>
  callback(null, { message: `${request.greeting} ${request.name}` });
/** As the client's file has it, in milliseconds. */
const patience = 5_000;
const neverAnswered = 'The caller waits until your handler calls callback(null, reply).';

describe('Step 1 · Answer the call', () => {
  const asking = async () => {
    const { hello } = await server();
    const stub = await calling(Hello, { hello });
    return (request: HelloRequest__Output) =>
      replyTo<HelloReply__Output>((options, done) => stub.hello(request, options, done), neverAnswered);
  };

  it('answers with the greeting, a space and the name', async () => {
    const ask = await asking();
    let before: string | undefined;
    for (const request of greetingRequests(2)) {
      const { message } = await ask(request);
      let advice = 'Build the message from call.request: the greeting first, then one space, then the name.';
      if (message === '') {
        advice =
          'The message that came is empty: its field is named message. Any other name is dropped without a word.';
      } else if (message === before) {
        advice = 'This is the answer to the call before: keep nothing of a call outside the handler.';
      }
      same({ message }, { message: `${request.greeting} ${request.name}` }, advice);
      before = message;
    }
  });

  it('hands on both texts as they are', async () => {
    const advice =
      'Only the space between the two is yours: greeting and name stay as the client has sent them.';
    const ask = await asking();
    for (const text of allTexts) {
      for (const request of [
        { greeting: text, name: text },
        { greeting: text, name: '' },
      ]) {
        same(await ask(request), { message: `${request.greeting} ${request.name}` }, advice);
      }
    }
  });

  it('answers each of several calls at the same moment with what it has sent', async () => {
    const requests = greetingRequests(3);
    same(
      await Promise.all(requests.map(await asking())),
      requests.map(({ greeting, name }) => ({ message: `${greeting} ${name}` })),
      'Keep what belongs to a call inside the handler: a variable outside is the same for all calls.',
    );
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
    must(!(await reachedFromOutside(one)), {
      expected: 'a server that listens at 127.0.0.1 alone',
      came: 'one that other machines reach as well',
      advice: 'Hand the address to bindAsync as it is: 0.0.0.0 and [::] mean every address of this machine.',
    });
  });

  it('takes calls for hello once it has started, and hands them to the handler it is given', async () => {
    const { start } = await server();
    const given: HelloHandlers['hello'] = (_call, callback) => callback(null, { message: 'as given' });
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0', { hello: given })));
    const reply = await replyTo(
      (options, done) => stub.hello(greetingRequest(), options, done),
      neverAnswered,
    );
    const advice = 'Give addService the handlers that start() got. Here they hold a handler of the check.';
    same(reply, { message: 'as given' }, advice);
  });

  it('says so when the port is already taken', async () => {
    const { start } = await server();
    const taken = await started(() => start('127.0.0.1:0', { hello: good }));
    const { bindAsync } = Server.prototype;
    let given: Error | null = null;
    vi.spyOn(Server.prototype, 'bindAsync').mockImplementation(function (this: Server, port, creds, done) {
      bindAsync.call(this, port, creds, (error, bound) => {
        given = error;
        done(error, bound);
      });
    });
    const second = (async () => start(taken, { hello: good }))().then(
      (listening) => listening,
      (error: unknown) => ({ error }),
    );
    const came = await within(second, {
      expected: 'start() to reject',
      came: 'nothing: its promise is still open',
      advice: 'bindAsync tells its callback an error when the port is taken: call reject(error).',
    });
    if (came && 'error' in came) {
      must(came.error instanceof Error && (given === null || came.error === given), {
        expected: 'start() to reject with the error of bindAsync, which says EADDRINUSE',
        came: inspect(came.error),
        advice: 'Hand on the error itself: whoever reads it must learn what was in the way.',
      });
      return;
    }
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
  it('gives a stub for the server at the address, and another one for another address', async () => {
    const { connect } = await client();
    for (const which of ['the server', 'a second server']) {
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
      const call = replyTo((options, done) => stub.hello(greetingRequest(), options, done), neverAnswered);
      // Another server may have answered, or none: all that counts is which one the call has reached.
      await call.catch(() => {});
      must(reached, {
        expected: `a call over the stub to reach ${which} at the address that connect() got`,
        came: 'none: they went elsewhere, or not in the way that this server speaks',
        advice:
          which === 'the server'
            ? 'Hand on the address as it is; for credentials take credentials.createInsecure().'
            : 'Make a new stub each time: one that is kept leads to the address it was made for.',
      });
      await call;
    }
  });

  it('makes it for the address as it is, and sends nothing yet', async () => {
    const { connect } = await client();
    for (const host of ['localhost', '127.0.0.2', '[::1]']) {
      const address = `${host}:${integer(50_000, 60_000)}`;
      const stub = connect(address);
      await setImmediate();
      const target = stub.getChannel().getTarget();
      must(target.endsWith(address), {
        expected: `a stub for ${address}`,
        came: `one for ${target}`,
        advice: 'Hand on the address as it is: it may be a name, or one of IPv6.',
      });
      must(stub.getChannel().getConnectivityState(false) === connectivityState.IDLE, {
        expected: 'a stub that waits for its first call before it connects',
        came: 'one that has begun to connect',
        advice: 'Make the stub, and return it: its channel connects when the first call needs it.',
      });
      stub.close();
      const again = connect(address);
      must(again !== stub, {
        expected: 'a new stub for the same address, once the first one is closed',
        came: 'the one that is closed: every call over it would fail',
        advice: 'Make a new stub each time.',
      });
      again.close();
    }
  });
});

describe('Step 4 · Make the call, with a deadline', () => {
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
    const sent = [greetingRequest(), ...allTexts.map((text) => ({ greeting: text, name: text }))];
    for (const [index, request] of sent.entries()) {
      const reply = await settled(sayHello(stub, request), neverSettled);
      same(requests, sent.slice(0, index + 1), 'Hand the request to stub.hello as it is, in one call.');
      same(
        reply,
        { message: `${request.greeting} ${request.name}` },
        'Resolve with the reply itself: the second thing the callback gets.',
      );
    }
  });

  it('takes a reply with an empty message for a reply', async () => {
    const { sayHello } = await client();
    const stub = await calling(Hello, {
      hello: ((_call, callback) => callback(null, { message: '' })) satisfies HelloHandlers['hello'],
    });
    same(
      await settled(sayHello(stub, greetingRequest()), neverSettled),
      { message: '' },
      'Ask whether there is a reply, and not what is in it.',
    );
  });

  it('sets a deadline for each call', async () => {
    const { sayHello } = await client();
    let deadline: Date | number = Infinity;
    const stub = await calling(Hello, {
      hello: ((call, callback) => {
        deadline = call.getDeadline();
        good(call, callback);
      }) satisfies HelloHandlers['hello'],
    });
    await settled(sayHello(stub, greetingRequest()), neverSettled);
    const left = Number(deadline) - Date.now();
    must(left < 2 * patience, {
      expected: `the call to carry a deadline, ${patience} ms away`,
      came: Number.isFinite(left)
        ? `one that is ${Math.ceil(left / 1_000)} seconds away`
        : 'a call without a deadline',
      advice: 'Pass { deadline: Date.now() + patience } between the request and the callback.',
    });
    moveTimeOn(3_600_000);
    const later = await sayHello(stub, greetingRequest()).then(
      () => undefined,
      (error: { code?: status }) => error,
    );
    must(later?.code !== status.DEADLINE_EXCEEDED, {
      expected: 'a call an hour later to have a deadline of its own',
      came: 'DEADLINE_EXCEEDED: its deadline had passed before it began',
      advice: 'Compute the deadline where the call is made, and not once when the file is loaded.',
    });
  });

  it('rejects with the status when the server refuses', async () => {
    const { sayHello } = await client();
    let calls = 0;
    let code = status.OK;
    const stub = await calling(Hello, {
      hello: ((_call, callback) => {
        calls += 1;
        callback({ code, details: 'not today' });
      }) satisfies HelloHandlers['hello'],
    });
    const timers = timersStarted();
    for (code of everyFailure) {
      calls = 0;
      await rejectedWith(sayHello(stub, greetingRequest()), code).catch((error: unknown) => {
        timers.stop();
        throw error;
      });
      same(calls, 1, 'One call is made, however it ends: a server that has refused has decided.');
    }
    timers.stop();
    timers.noneOfLesson(
      'Reject in the callback of the call, at once. Its deadline needs no timer beside it.',
    );
  });

  it('rejects at once when nobody listens', async () => {
    const { sayHello } = await client();
    const outcome = sayHello(stubAt(Hello, await gone()), greetingRequest());
    const waited = (came: string) => ({
      expected: 'your client to reject with UNAVAILABLE as soon as it is known that nobody listens',
      came,
      advice:
        'Make the call at once, and do not wait for a server to come up: the status tells the person more.',
    });
    const error = await within(
      outcome.catch((thrown: unknown) => thrown),
      waited('nothing: it waits'),
    );
    // A call that is made has a status. What gives up waiting for a connection has none.
    const hasGivenUp = error instanceof Error && error.name === 'Error' && !isServiceError(error);
    must(!hasGivenUp, waited(`it rejected with ${String(error)}`));
    await rejectedWith(outcome, status.UNAVAILABLE);
  });
});

describe('Step 5 · Say so when nobody listens', () => {
  const failed = (code: status, details: string) =>
    Object.assign(new Error(details), { code, details, metadata: undefined as never });

  it('names the address when nobody listens there', async () => {
    const { explain } = await client();
    for (const details of [
      'No connection established. Last error: connect ECONNREFUSED',
      'Connection dropped',
    ]) {
      const address = `127.0.0.1:${integer(50_000, 60_000)}`;
      const sentence = explain(failed(status.UNAVAILABLE, details), address);
      must(typeof sentence === 'string' && sentence.includes(address), {
        expected: `a sentence with the address ${address} in it`,
        came: inspect(sentence),
        advice:
          'Return your sentence when error.code is status.UNAVAILABLE: code and address decide, not the details.',
      });
    }
  });

  it('adds nothing to any other status', async () => {
    const { explain } = await client();
    for (const code of everyFailure) {
      if (code === status.UNAVAILABLE) continue;
      const sentence = explain(failed(code, 'UNAVAILABLE: connect ECONNREFUSED'), '127.0.0.1:50051');
      same(sentence, undefined, `Your sentence is for UNAVAILABLE only, and this error is ${status[code]}.`);
    }
  });
});

describe('Both halves together', () => {
  it('says hello over the wire', async () => {
    const { start } = await server();
    const { connect, sayHello } = await client();
    const stub = trackedStub(connect(await started(() => start('127.0.0.1:0'))));
    const request = greetingRequest();
    const reply = await settled(sayHello(stub, request), neverAnswered);
    same(
      reply,
      { message: `${request.greeting} ${request.name}` },
      'Each half passes alone: do both use the same contract and address?',
    );
  });
});
