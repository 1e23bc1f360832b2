import { inspect } from 'node:util';
import { status, type CallOptions, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { DelayedReply__Output } from '#protos/generated/hello/DelayedReply.ts';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve } from '#shared/grpc/serve.ts';
import { within } from '#kit/time-limits.ts';
import { replyTo, settled, soon, unlessUnwritten } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { aGreeting, allTexts, greetingRequests, integer, many, someNames } from '#kit/random-inputs.ts';
import { hurryTimers } from '#kit/fake-time.ts';
import { calling, gone, started, stubAt, trackedAddress } from '#kit/peers.ts';
import { namesOf, signal, unreadable } from '#kit/awaited-events.ts';
import { timersStarted } from '#kit/timers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/03-client-streaming/server.ts');
const client = () => import('#answers/03-client-streaming/client.ts');

const sentence = (count: number): string =>
  `You have sent ${count} messages. Please expect a delayed response.`;
const requestsFor = (greeting: string, names: string[]): HelloRequest[] =>
  names.map((name) => ({ greeting, name }));
/** Nobody types for so long, in milliseconds. A deadline beyond that cuts nobody off. */
const patienceOfAPerson = 600_000;
const neverAnswered =
  "The client has finished, so the stream's 'end' event has come: is the callback called there?";

/** Makes a call without a request, and waits for the reply. */
const answerToNone = (stub: HelloClient): Promise<DelayedReply__Output> =>
  replyTo<DelayedReply__Output>((options, done) => stub.clientHello(options, done).end(), neverAnswered);

/** Calls the learner's handler: sends these requests, finishes, and waits for the reply. */
const answerTo = async (requests: HelloRequest[], refused?: string): Promise<DelayedReply__Output> => {
  const { clientHello } = await server();
  const stub = await calling(Hello, { clientHello });
  const timers = timersStarted();
  const make = (...given: [CallOptions, requestCallback<DelayedReply__Output>]): void => {
    const call = stub.clientHello(...given);
    for (const request of requests) call.write(request);
    call.end();
  };
  const reply = await replyTo(make, neverAnswered, refused).finally(timers.stop);
  timers.noneOfLesson('Keep a request when it comes, and answer at the end: nothing is there to wait for.');
  return reply;
};

describe('Step 1 · Answer once the client has finished', () => {
  it('answers a client that finishes without a single request', async () => {
    await answerTo([]);
    const { clientHello } = await server();
    let answered: unknown;
    const stub = await calling(Hello, {
      clientHello: ((call, callback) =>
        clientHello(call, (error, reply, ...rest) => {
          answered = reply;
          callback(error, reply, ...rest);
        })) satisfies HelloHandlers['clientHello'],
    });
    const advice = 'The message counts the requests, and `request` holds them: here none.';
    same(await answerToNone(stub), { message: sentence(0), request: [] }, advice);
    // Over the wire a list that is missing looks like an empty one.
    const { request } = answered as { request?: unknown };
    must(Array.isArray(request), {
      expected: 'a reply with the list `request` in it',
      came: 'one without',
      advice: 'The list goes into the field `request`. A field of any other name is dropped without a word.',
    });
  });

  it('does not answer before the client has finished', async () => {
    const { clientHello } = await server();
    const stub = await calling(Hello, { clientHello });
    hurryTimers();
    let early = false;
    // A step that is not written yet ends the call as well, and is no answer.
    const open = stub.clientHello(soon(2), (_error, reply) => {
      early = reply !== undefined;
    });
    const [name] = someNames(1);
    open.write({ greeting: aGreeting(), name });
    // Other calls on the same connection come after the first one: once they are answered, the first has had its chance.
    for (let others = 0; others < 5; others += 1) await answerToNone(stub);
    must(!early, {
      expected: 'no answer while the client may still send requests',
      came: 'an answer while the call was open',
      advice:
        "Answer in the listener for the event 'end', and nowhere else: call.on('end', () => { … }). A pause says nothing.",
    });
    open.end();
  });
});

describe('Step 2 · Keep each request', () => {
  it('counts the requests and gives each of them back, in order', async () => {
    const [first, ...others] = greetingRequests(3);
    const requests = [first!, { greeting: '', name: '' }, first!, ...others].slice(0, integer(4, 5));
    const count = requests.length;
    const came = await answerTo(requests);
    let advice = 'Keep every request as it comes, also one that was sent before. Count them at the end.';
    if (came.message === sentence(count) && came.request.length === 0) {
      advice = 'The list is empty: its field is named request. Any other name is dropped without a word.';
    } else if (came.request.length > count) {
      advice = 'Each call begins with a list of its own: make it inside the handler.';
    } else if (came.request.length === count && Number(/\d+/.exec(came.message)) > count) {
      advice = 'The number is of this call alone: request.length.';
    }
    same(came, { message: sentence(count), request: requests }, advice);
  });

  it('gives texts back as they are', async () => {
    const requests = allTexts.map((text) => ({ greeting: text, name: text }));
    const { request } = await answerTo(requests);
    same(request, requests, 'Put each request into the list as it came: both texts stay as they are.');
  });

  it('keeps every one of many', async () => {
    const requests = requestsFor(
      aGreeting(),
      Array.from({ length: many }, (_, index) => `guest ${index}`),
    );
    const { message, request } = await answerTo(requests);
    const advice = 'Keep every request: how many there may be is not for this step to say.';
    same([message, request.length], [sentence(many), many], advice);
  });

  it('keeps the requests of each call apart', async () => {
    const { clientHello } = await server();
    const stub = await calling(Hello, { clientHello });
    const requests = greetingRequests(4);
    const replies: Promise<DelayedReply__Output>[] = [];
    const calls = [0, 1].map(() => {
      let call!: ReturnType<typeof stub.clientHello>;
      replies.push(
        replyTo<DelayedReply__Output>((_options, done) => {
          call = stub.clientHello(soon(2), done);
        }, neverAnswered),
      );
      return call;
    });
    for (const [index, request] of requests.entries()) {
      calls[index % 2]!.write(request);
      // A third call, which is answered behind it on the same connection: the request has been read by then.
      await answerToNone(stub);
    }
    for (const call of calls) call.end();
    const own = [0, 1].map((which) => requests.filter((_request, index) => index % 2 === which));
    same(
      await Promise.all(replies),
      own.map((request) => ({ message: sentence(2), request })),
      'Each call begins with a list of its own: make it inside the handler.',
    );
  });

  it('keeps the given limit, in bytes and for each call', async () => {
    // Half as many characters as bytes: three of these fit into a reply, five do not.
    const requests = (count: number): HelloRequest[] =>
      requestsFor('', Array<string>(count).fill('é'.repeat(450_000)));
    const advice = 'The lines below the step stay as they are given, and their count belongs to one call.';
    for (let call = 0; call < 2; call += 1) {
      const { message } = await answerTo(requests(3), advice);
      same(message, sentence(3), advice);
    }
    const { clientHello } = await server();
    let answers = 0;
    const stub = await calling(Hello, {
      clientHello: ((call, callback) =>
        clientHello(call, (...answer) => {
          answers += 1;
          callback(...answer);
        })) satisfies HelloHandlers['clientHello'],
    });
    const ended = await new Promise<ServiceError | null>((resolve) => {
      const call = stub.clientHello(soon(), resolve);
      // The server reads no further once it has refused.
      call.on('error', () => {});
      for (const request of requests(7)) call.write(request);
      call.end();
    });
    must(ended?.code === status.RESOURCE_EXHAUSTED && !/larger|max/.test(ended.details), {
      expected: 'RESOURCE_EXHAUSTED from the server for requests of more than 4 MiB',
      came: ended ? `${status[ended.code]}: ${ended.details}` : 'OK',
      advice,
    });
    // On the same connection: what came before this call has been read by its end.
    await new Promise((resolve) => stub.clientHello(soon(), resolve).end());
    same(answers - 1, 1, 'A call that is refused is over: read nothing more of it, and answer nothing more.');
  });

  it('outlives a call that is cut off', async () => {
    const { clientHello } = await server();
    const read = signal();
    const handler: HelloHandlers['clientHello'] = (call, callback) => {
      clientHello(call, callback);
      call.once('data', () => read.send());
    };
    const listening = await serve(Hello.service, { clientHello: handler }, '127.0.0.1:0');
    const stub = stubAt(Hello, trackedAddress(listening));
    // What the handler throws then, and nobody catches, fails the check.
    await new Promise((resolve) => {
      const call = stub.clientHello(soon(), resolve);
      call.write(greetingRequests(1)[0]!);
      void read.sent.then(() => listening.server.forceShutdown());
    });
  });

  it('says it in the same words for a single request', async () => {
    const requests = requestsFor(aGreeting(), someNames(1));
    const advice = 'Only the number changes: the sentence says "1 messages" too.';
    same(await answerTo(requests), { message: sentence(1), request: requests }, advice);
  });
});

describe('Step 3 · Open the call', () => {
  it('opens the call before the first request, and hands the reply to done', async () => {
    const { open } = await client();
    const opened = signal<number>();
    const arrived = signal();
    const reply = signal<DelayedReply__Output | undefined>();
    let answers = 0;
    const came: HelloRequest[] = [];
    const stub = await calling(Hello, {
      clientHello: ((call, callback) => {
        opened.send(Number(call.getDeadline()) - Date.now());
        call.on('data', (request: HelloRequest) => {
          came.push(request);
          arrived.send();
        });
        call.on('end', () => callback(null, { message: sentence(0), request: [] }));
      }) satisfies HelloHandlers['clientHello'],
    });
    const requests = open(stub, (_error, value) => {
      answers += 1;
      reply.send(value);
    });
    must(typeof requests?.end === 'function', {
      expected: 'open() to return the stream that takes requests',
      came: String(requests),
      advice: 'Return what stub.clientHello returns.',
    });
    const left = await within(opened.sent, {
      expected: 'the server to see a call',
      came: 'none',
      advice: 'Calling stub.clientHello is what opens the call.',
    });
    must(left > patienceOfAPerson, {
      expected: 'a call that lasts as long as a person likes to type',
      came: 'one with a deadline, after which the person is cut off',
      advice: 'Give stub.clientHello nothing but done.',
    });
    must(!requests.writableEnded, {
      expected: 'open() to return a stream that still takes requests',
      came: 'one that is half-closed already',
      advice: 'open() only opens the call; what ends the requests comes after the last of them, in send().',
    });
    const [first] = greetingRequests(1);
    requests.write(first!);
    await within(arrived.sent, {
      expected: 'a request that is written to the stream to go off at once',
      came: 'none: it waits in the stream',
      advice: 'Return what stub.clientHello returns, as it is.',
    });
    requests.end();
    const answer = await within(reply.sent, {
      expected: 'the reply of the server to reach done',
      came: 'nothing: done was never called',
      advice: 'Give done to stub.clientHello as its callback.',
    });
    same(
      answer,
      { message: sentence(0), request: [] },
      'Hand the reply on as it came, behind the error, which is null: done(null, reply).',
    );
    same(came, [first], 'open() only opens the call; the requests are written in send().');
    same(answers, 1, 'A call has one answer: done is called once.');
  });

  it('hands a status that is not OK to done as well', async () => {
    const { open } = await client();
    let hasArrived = false;
    const stub = await calling(Hello, {
      clientHello: ((_call, callback) => {
        hasArrived = true;
        callback({ code: status.RESOURCE_EXHAUSTED, details: 'too many guests' });
      }) satisfies HelloHandlers['clientHello'],
    });
    const ended = signal<ServiceError | null>();
    open(stub, (error) => ended.send(error));
    const expected = 'the status of the call, RESOURCE_EXHAUSTED, to reach done';
    const error = await within(ended.sent, () => ({
      expected,
      came: hasArrived ? 'nothing: done was never called' : 'nothing: no call came to this server',
      advice: hasArrived
        ? 'Give done to stub.clientHello as it is: it takes errors as well.'
        : 'Each open() makes a call of its own: keep none outside the function.',
    }));
    must(error?.code === status.RESOURCE_EXHAUSTED, {
      expected,
      came: error ? String(error) : 'no error',
      advice: 'Hand the error on to done as it came.',
    });
  });

  it('hands on at once that nobody listens', async () => {
    const { open } = await client();
    const ended = signal<ServiceError | null>();
    open(stubAt(Hello, await gone()), (error) => ended.send(error)).on('error', () => {});
    const error = await within(ended.sent, {
      expected: 'UNAVAILABLE to reach done as soon as it is known that nobody listens',
      came: 'nothing: the call waits for a server',
      advice: 'Give stub.clientHello nothing but done.',
    });
    same(error?.code, status.UNAVAILABLE, 'Hand the error on to done as it came.');
  });
});

describe('Step 4 · Send a request for each name', () => {
  it.each([
    ['a greeting', () => aGreeting()],
    ['an empty greeting', () => ''],
  ])('sends each request as soon as its name is there, with %s', async (_which, greeting) => {
    const { send } = await client();
    const came: HelloRequest[] = [];
    const hello = greeting();
    const chosen = [...someNames(2), ...allTexts];
    const typist = namesOf(...chosen);
    const all = signal();
    const over = signal();
    const stub = await calling(Hello, {
      clientHello: ((call) => {
        call.on('data', (request: HelloRequest) => {
          came.push(request);
          if (came.length === chosen.length) all.send();
          // The next name is typed only after this request has arrived.
          typist.next();
        });
        call.on('end', () => over.send());
      }) satisfies HelloHandlers['clientHello'],
    });
    const call = stub.clientHello(() => {});
    const sending = unlessUnwritten(5, send(call, hello, typist.typed));
    typist.next();
    await Promise.race([
      within(all.sent, () => ({
        expected: `a request on the wire for each of ${chosen.length} names, as soon as it is typed`,
        came: `${came.length} of them, and none for ${inspect(chosen[came.length], { maxStringLength: 40 })}`,
        advice:
          came.length === 0
            ? 'Write the request inside the loop over the names: requests.write({ greeting, name }).'
            : 'Each name is a request, an empty one too, and one that came before. And there is nothing to wait for but the next name.',
      })),
      sending.then(() => all.sent),
      over.sent,
    ]);
    must(came.length >= chosen.length, {
      expected: `${chosen.length} requests, one for each name`,
      came: `the end of the requests after ${came.length}`,
      advice: 'The loop goes on to the next name; what ends the requests comes after it.',
    });
    same(
      came,
      requestsFor(hello, chosen),
      'One request a name, in order, with the greeting; both as they are.',
    );
  });
});

describe('Step 5 · Say that you have finished', () => {
  const expectEndAfter = async (names: number): Promise<void> => {
    const { send } = await client();
    const opened = signal();
    const finished = signal<number | 'cancelled'>();
    const stub = await calling(Hello, {
      clientHello: ((call) => {
        let count = 0;
        call.on('data', () => {
          count += 1;
        });
        call.on('end', () => finished.send(count));
        opened.send();
      }) satisfies HelloHandlers['clientHello'],
    });
    // The server gets 'end' from a client that cancels as well. Only the client's side knows, and knows it first.
    const call = stub.clientHello((error) => error && finished.send('cancelled'));
    await opened.sent;
    const typist = namesOf(...someNames(names));
    typist.all();
    const timers = timersStarted();
    await settled(
      send(call, aGreeting(), typist.typed),
      'After the last name your function returns; it need not wait for the reply.',
    ).finally(timers.stop);
    timers.noneOfLesson('Half-close as soon as the names are over: nothing is there to wait for.');
    const count = await within(finished.sent, {
      expected: 'the server to be told that you have finished',
      came: 'nothing: it still waits for more requests',
      advice: 'Half-close after the loop: is requests.end() missing?',
    });
    must(count !== 'cancelled', {
      expected: 'the server to be told that you have finished, and to keep its own half open for the reply',
      came: 'a call that is over in both directions: it was cancelled',
      advice: 'Only your half is to be closed: requests.end().',
    });
    must(count === names, {
      expected: `${names} requests before the end, one for each name`,
      came: String(count),
      advice:
        'Every name is a request, and the end is none: nothing stands between the brackets of requests.end().',
    });
  };

  it('closes its half of the call after the last name, and not before', () => expectEndAfter(2));

  it('closes it when there was no name at all', () => expectEndAfter(0));

  it('passes on what the loop throws', async () => {
    const { send } = await client();
    const stub = await calling(Hello, { clientHello: (() => {}) satisfies HelloHandlers['clientHello'] });
    const call = stub.clientHello(() => {});
    const noKeyboard = new Error('no keyboard');
    const came = await send(call, aGreeting(), unreadable(noKeyboard)).catch((error: unknown) => error);
    call.cancel();
    must(came === noKeyboard, {
      expected: 'send() to fail when the names cannot be read, with the very error',
      came: came === undefined ? 'it resolved, as if these were all the names' : inspect(came),
      advice: 'Catch nothing here: who calls send() has to know that names are missing.',
    });
  });
});

describe('Both halves together', () => {
  it('gets one reply to three requests over the wire', async () => {
    const { start } = await server();
    const { call } = await client();
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0')));
    const hello = aGreeting();
    const chosen = someNames(3);
    const typist = namesOf(...chosen);
    typist.all();
    const reply = await settled(
      call(stub, hello, typist.typed),
      'One half waits for the other: who says that the requests are over?',
    );
    const expected = { message: sentence(3), request: requestsFor(hello, chosen) };
    same(reply, expected, 'Each half passes alone: look at what goes over the wire with npm run lesson:3.');
  });
});
