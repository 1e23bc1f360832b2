import { inspect } from 'node:util';
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloReply } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { within } from '#kit/time-limits.ts';
import { endedWell, hear, rejectedWith, settled, soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import {
  aGreeting,
  allTexts,
  everyFailure,
  greetingRequest,
  greetingRequests,
  many,
  someNames,
} from '#kit/random-inputs.ts';
import { callsOfMenu, talkMeanwhile } from '#kit/hello/menu.ts';
import { calling, reachedFromOutside, serving, started, stubAt, tracked } from '#kit/peers.ts';
import { namesOf, signal, unreadable } from '#kit/awaited-events.ts';
import { stalledAt } from '#kit/stalled-reader.ts';
import { timersStarted } from '#kit/timers.ts';
import { destroyedEarly } from '#kit/stream-writes.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/04-bidirectional-streaming/server.ts');
const client = () => import('#answers/04-bidirectional-streaming/client.ts');

const messagesOf = (hello: string, chosen: string[]): string[] => chosen.map((name) => `${hello} ${name}`);

/** A server that works, for the checks of the client. */
const echo: HelloHandlers['biHello'] = (call) => {
  call.on('data', ({ greeting, name }: HelloRequest__Output) =>
    call.write({ message: `${greeting} ${name}` }),
  );
  call.on('end', () => call.end());
};

const destroyed =
  'The call was destroyed: call.end() lets the replies that still wait go out first, and the status OK behind them.';
/** Whether the handler of Step 2 has ended a call in a check of Step 1, where it need not. */
let hasEndedACall = false;

describe('Step 1 · Answer each request as it comes', () => {
  it('answers each request before the next one is sent', async () => {
    const { biHello } = await server();
    const stub = await calling(Hello, { biHello });
    const first = greetingRequest();
    // Somebody may say the same twice, and both texts may be any.
    const chosen = [first, first, ...allTexts.map((text) => ({ greeting: text, name: text }))];
    const call = stub.biHello(soon());
    const write = (count: number): void => {
      const request = chosen[count];
      if (request !== undefined) call.write(request);
    };
    let came = 0;
    call.on('data', () => write(++came));
    write(0);
    const timers = timersStarted();
    const { messages, ended } = await hear(call, chosen.length).finally(timers.stop);
    timers.noneOfLesson('Write each reply in the listener itself, at once: nothing is there to wait for.');
    if (messages.length < chosen.length) {
      const next = inspect(chosen[messages.length], { maxStringLength: 40 });
      const expected = 'a reply to each request, before the next one is sent';
      endedWell(
        ended,
        messages.length === 0
          ? 'No reply came while the client was still sending: does each request get its reply at once?'
          : `None came to ${next}: an empty text gets its reply too, and so does one that came before.`,
        expected,
      );
      throw new CheckFailure({
        expected,
        came: `the end of the stream after ${messages.length}`,
        advice: 'In the listener for data only write: what ends the stream belongs to the listener for end.',
      });
    }
    same(
      messages.map(({ message }) => message),
      chosen.map(({ greeting, name }) => `${greeting} ${name}`),
      'One reply to each request: the greeting, a space and the name of the one that has just come, both as they are.',
    );
  });

  it('keeps the order of requests that come at once', async () => {
    const { biHello } = await server();
    const stub = await calling(Hello, { biHello });
    const chosen = greetingRequests(6);
    const call = stub.biHello(soon());
    for (const request of chosen) call.write(request);
    const { messages } = await hear(call, chosen.length);
    same(
      messages.map(({ message }) => message),
      chosen.map(({ greeting, name }) => `${greeting} ${name}`),
      'Write each reply in the listener itself, at once: then the replies keep the order of the requests.',
    );
  });

  it('keeps the given lines that wait for a client which does not read', async () => {
    const { biHello } = await server();
    const opened = signal<ServerDuplexStream<HelloRequest__Output, HelloReply>>();
    const address = await serving(Hello.service, {
      biHello: ((call) => {
        opened.send(call);
        call.once('finish', () => {
          hasEndedACall = true;
        });
        return biHello(call);
      }) satisfies HelloHandlers['biHello'],
    });
    const requests = Array.from({ length: 300 }, (_, index) => ({
      greeting: 'Hello',
      name: String(index).padEnd(1_000, '.'),
    }));
    const peer = stalledAt(address, Hello.service.biHello, ...requests);
    const call = await settled(opened.sent, 'Does the call reach biHello?');
    // Another client is answered meanwhile, again and again: so there was time to read on.
    await talkMeanwhile(address);
    const waiting = call.writableLength;
    // One more may be under way when the stream says that it has enough; far fewer than all, in any case.
    const most = 2 * call.writableHighWaterMark;
    must(waiting <= most, {
      expected: `at most ${most} replies to wait in the server's memory for a client that does not read`,
      came: `${waiting} of ${requests.length}`,
      advice:
        'Keep what stands below Step 1, and let it run: no return before it. When call.writableNeedDrain is true, it pauses the call until drain.',
    });
    const { messages } = await peer.read(requests.length);
    same(
      messages.length,
      requests.length,
      call.destroyed && !call.writableEnded
        ? destroyed
        : 'The client reads again: resume the call at its event drain.',
    );
    const wrong = messages.filter(({ message }, index) => message !== `Hello ${requests[index]!.name}`);
    same(wrong.length, 0, 'A reply that waits must not change: make a message of its own for each request.');
  });
});

describe('Step 2 · Close your half too', () => {
  it('ends the stream with OK once the client has finished, after every reply', async () => {
    const { biHello } = await server();
    let isDestroyed = (): boolean => false;
    const stub = await calling(Hello, {
      biHello: ((call) => {
        isDestroyed = destroyedEarly(call);
        return biHello(call);
      }) satisfies HelloHandlers['biHello'],
    });
    const hello = aGreeting();
    const chosen = someNames(3);
    const call = stub.biHello(soon());
    for (const name of chosen) call.write({ greeting: hello, name });
    call.end();
    const { messages, ended } = await hear(call);
    let never =
      "The client has finished, but your half stays open: call.end() belongs into the event 'end'. After a for await over the call it comes too late.";
    if (isDestroyed()) never = destroyed;
    else if (hasEndedACall) {
      never = 'An earlier call was ended, and this one was not: keep nothing of a call outside the handler.';
    }
    endedWell(ended, never);
    same(
      messages.map(({ message }) => message),
      messagesOf(hello, chosen),
      'Every request gets its reply before the end, and nothing else comes.',
    );
  });

  it('ends it also when replies still wait for a client that does not read', async () => {
    const { biHello } = await server();
    // So long that they do not fit into what HTTP/2 keeps for a stream.
    const requests = greetingRequests(5).map((request) => ({
      ...request,
      name: request.name.padEnd(20_000),
    }));
    const over = signal();
    const address = await serving(Hello.service, {
      biHello: ((call) => {
        biHello(call);
        call.once('end', () => over.send());
      }) satisfies HelloHandlers['biHello'],
    });
    const peer = stalledAt(address, Hello.service.biHello, ...requests);
    await settled(over.sent, 'Does the call reach biHello, and is it read to its end?');
    const { messages, ended } = await peer.read();
    same(
      messages.length,
      requests.length,
      'Every request gets its reply, also when the client is slow to read.',
    );
    must(ended?.code === status.OK, {
      expected: 'the end of the stream behind the replies that wait',
      came: ended ? `${status[ended.code]}: ${ended.details}` : 'no end',
      advice: "Call call.end() at 'end', whatever still waits: it goes out behind the last reply.",
    });
  });

  it('ends a conversation in which nothing was said', async () => {
    const { biHello } = await server();
    const stub = await calling(Hello, { biHello });
    const call = stub.biHello(soon());
    call.end();
    const { messages, ended } = await hear(call);
    endedWell(ended, 'The client has finished without a request: close your half all the same.');
    same(messages, [], 'No request, no reply.');
  });
});

describe('Step 3 · Put the whole menu on one server', () => {
  // First, because a server that is always at one address fails the other checks as well, now and then.
  it('listens at the address it is given', async () => {
    const { start } = await server();
    const address = await started(() => start('127.0.0.1:0', { biHello: echo }));
    const other = await started(() => start('127.0.0.1:0', { biHello: echo }));
    const expected = 'start() to listen at the address it is given, and to reject when its port is taken';
    const again = (async () => start(address, { biHello: echo }))().then(
      (listening) => tracked(listening.server),
      () => undefined,
    );
    const elsewhere = await within(again, {
      expected,
      came: 'nothing: its promise is still open',
      advice: 'Return what serve() returns: it rejects when the port is taken.',
    });
    must(address !== other && !elsewhere, {
      expected,
      came: 'it listened at another one',
      advice: 'Hand on the address that start() got: it is what serve() takes last.',
    });
    must(!(await reachedFromOutside(address)), {
      expected: 'a server that listens at 127.0.0.1 alone',
      came: 'one that other machines reach as well',
      advice: 'Hand the address to serve() as it is: 0.0.0.0 and [::] mean every address of this machine.',
    });
  });

  it.each(Object.keys(callsOfMenu))('takes calls for %s', async (method) => {
    const { start } = await server();
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0', { biHello: echo })));
    const timers = timersStarted();
    const ended = await callsOfMenu[method]!(stub).finally(timers.stop);
    const missing = ended?.code === status.UNIMPLEMENTED && ended.details.includes('does not implement');
    must(!missing, {
      expected: `the server to have a handler for ${method}`,
      came: `UNIMPLEMENTED: ${ended?.details}`,
      advice: `Give serve() a handler named ${method}. The answers to lessons 1 to 3 are imported at the top.`,
    });
    must(ended?.code !== status.DEADLINE_EXCEEDED, {
      expected: `an answer to ${method}`,
      came: 'nothing, until the deadline passed (DEADLINE_EXCEEDED)',
      advice: 'parrotHello is made by a function that takes the pause; the others are handlers as they are.',
    });
    must(method !== 'parrotHello' || timers.times(2_000) >= 1, {
      expected: 'a parrotHello that pauses for two seconds between its replies',
      came: 'another pause, or none',
      advice: 'Make it with the pause that stands at the top of the file: parrotHello(twoSeconds).',
    });
  });

  it('hands calls for biHello to the handler it is given', async () => {
    const { start } = await server();
    const given: HelloHandlers['biHello'] = (call) => {
      call.write({ message: 'as given' });
      call.end();
    };
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0', { biHello: given })));
    const call = stub.biHello(soon());
    call.end(greetingRequest());
    const { messages, ended } = await hear(call);
    endedWell(ended, 'Give serve() the biHello of the handlers that start() got.');
    same(messages, [{ message: 'as given' }], 'Take handlers.biHello. Here it is a handler of the check.');
  });
});

describe('Step 4 · Read until the server has finished', () => {
  it('hands over each reply as it comes, and returns at the end', async () => {
    const { receive } = await client();
    const heard: string[] = [];
    const opened = signal<ServerDuplexStream<HelloRequest__Output, HelloReply>>();
    const asked: HelloRequest__Output[] = [];
    const stub = await calling(Hello, {
      biHello: ((call) => {
        call.on('data', (request: HelloRequest__Output) => asked.push(request));
        opened.send(call);
      }) satisfies HelloHandlers['biHello'],
    });
    const conversation = stub.biHello(soon(2));
    const first = signal();
    const receiving = receive(conversation, (message) => {
      heard.push(message);
      first.send();
    });
    // Looked at below; until then a rejection is not unhandled.
    receiving.catch(() => {});
    const call = await Promise.race([opened.sent, receiving.then(() => opened.sent)]);
    // In a bidirectional call, the server may speak before it is spoken to.
    call.write({ message: 'Hello World' });
    await Promise.race([
      receiving,
      within(first.sent, {
        expected: 'onMessage to be called while the stream is still open',
        came: 'nothing',
        advice: 'Hand over each reply inside the loop, not after it.',
      }),
    ]);
    must(!conversation.writableEnded, {
      expected: 'the half of the requests to stay open while receive() reads',
      came: 'a half-close',
      advice: 'receive() only reads: what ends the requests is for send() to say.',
    });
    const more = [...allTexts, ...Array.from({ length: many }, (_, index) => `Hello ${index}`)];
    for (const message of more) call.write({ message });
    call.end();
    await settled(receiving, 'Return when the stream has ended.');
    same(asked, [], 'receive() only reads: what is written is for send().');
    same(
      heard,
      ['Hello World', ...more],
      'Each reply is handed over once, in order, an empty one too, and one that says the same as the one before. When some are missing at the end: does receive() return before the stream has ended?',
    );
  });

  it('passes on the status of a conversation that failed', async () => {
    const { receive } = await client();
    let code = status.OK;
    const stub = await calling(Hello, {
      biHello: ((call) =>
        call.emit('error', { code, details: 'enough said' })) satisfies HelloHandlers['biHello'],
    });
    for (code of everyFailure) {
      const receiving = receive(stub.biHello(soon()), () => {});
      await rejectedWith(receiving, code);
    }
  });
});

describe('Step 5 · Send and receive at the same time', () => {
  it('hands over each reply before the next name is typed', async () => {
    const { converse } = await client();
    let left = Infinity;
    let calls = 0;
    const stub = await calling(Hello, {
      biHello: ((call) => {
        calls += 1;
        left = Number(call.getDeadline()) - Date.now();
        echo(call);
      }) satisfies HelloHandlers['biHello'],
    });
    const heard: string[] = [];
    const hello = aGreeting();
    const chosen = [...someNames(2), ...allTexts];
    const typist = namesOf(...chosen);
    const conversation = converse(stub, hello, typist.typed, (message) => {
      heard.push(message);
      typist.next();
    });
    typist.next();
    await settled(conversation, () =>
      calls > 1
        ? 'Two calls came: read from the one that you write to.'
        : 'The next name is typed only after the last reply was handed over: do you read while you are still sending?',
    );
    same(
      heard,
      messagesOf(hello, chosen),
      'One reply a request, in order. When some are missing: does converse() return before both directions have ended?',
    );
    must(left > 600_000, {
      expected: 'a conversation that lasts as long as a person likes to type',
      came: 'one with a deadline, after which the person is cut off',
      advice: 'Leave the line that opens the call as it is: stub.biHello().',
    });
  });

  it('returns only when the server has finished as well', async () => {
    const { converse } = await client();
    const stub = await calling(Hello, {
      biHello: ((call) => {
        let last = '';
        call.on('data', ({ name }: HelloRequest__Output) => {
          last = name;
        });
        call.on('end', () => {
          call.write({ message: `Goodbye ${last}` });
          call.end();
        });
      }) satisfies HelloHandlers['biHello'],
    });
    const heard: string[] = [];
    const chosen = someNames(2);
    const typist = namesOf(...chosen);
    typist.all();
    const conversation = converse(stub, aGreeting(), typist.typed, (message) => heard.push(message));
    await settled(conversation, 'Return when both halves have finished.');
    same(
      heard,
      [`Goodbye ${chosen.at(-1)}`],
      'This server replies once, after your half-close. Wait for both halves: the last name is not the end.',
    );
  });

  it('fails as soon as the conversation fails, even while the next name is awaited', async () => {
    const { converse } = await client();
    const refusal = { code: status.RESOURCE_EXHAUSTED, details: 'enough said' };
    const stub = await calling(Hello, {
      biHello: ((call) => call.emit('error', refusal)) satisfies HelloHandlers['biHello'],
    });
    const typist = namesOf(...someNames(2));
    typist.next();
    const conversation = converse(stub, aGreeting(), typist.typed, () => {});
    await rejectedWith(conversation, refusal.code);
  });

  it('fails when the names cannot be read', async () => {
    const { converse } = await client();
    const stub = await calling(Hello, { biHello: echo });
    const noKeyboard = new Error('no keyboard');
    const outcome = converse(stub, aGreeting(), unreadable(noKeyboard), () => {}).then(
      () => 'it resolved',
      (error: unknown) => (error === noKeyboard ? undefined : `it rejected with ${String(error)}`),
    );
    const expected = 'converse() to fail when its sending half does, with the very error';
    const advice = 'Wait for the promises of both halves at once: Promise.all([…]).';
    const came = await within(outcome, { expected, came: 'nothing: its promise is still open', advice });
    must(came === undefined, { expected, came: came!, advice });
  });
});

describe('Both halves together', () => {
  it('talks over the wire until both have finished', async () => {
    const { start } = await server();
    const { converse } = await client();
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0')));
    const heard: string[] = [];
    const hello = aGreeting();
    const chosen = someNames(3);
    const typist = namesOf(...chosen);
    typist.all();
    const conversation = converse(stub, hello, typist.typed, (message) => heard.push(message));
    await settled(conversation, 'One half waits for the other: does each close its half?');
    same(heard, messagesOf(hello, chosen), 'Look at what goes over the wire with npm run lesson:4.');
  });
});
