import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { inTime, within } from '#kit/time-limits.ts';
import { endedWell, hear, rejectedWith, settled, soon, unlessUnwritten } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import {
  allTexts,
  awkwardTexts,
  everyFailure,
  greetingRequest,
  greetingRequests,
  integer,
  longText,
} from '#kit/random-inputs.ts';
import { calling, started, stubAt } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { timersStarted, watchTimers } from '#kit/timers.ts';
import { countWrites, lateWrite, type Late } from '#kit/stream-writes.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
const server = () => import('#answers/02-server-streaming/server.ts');
const client = () => import('#answers/02-server-streaming/client.ts');

/** @returns what the server answers to a request */
const repliesTo = ({ greeting, name }: HelloRequest): string[] =>
  [1, 2, 3].map((count) => `${greeting} ${name} ${count}`);
/** A pause that no timer of the check or of grpc-js has, in milliseconds. */
const shortPause = (): number => 41 + 2 * integer(0, 9);
/** A pause so long that nobody waits for it, in milliseconds; and odd, so that no other timer has it. */
const anHour = 3_600_007;
/** Longer than the check of one reply takes, in milliseconds; and short enough for whoever waits it out. */
const halfASecond = 500;

describe('Step 1 · Send one reply', () => {
  const firstReplies = async (requests: HelloRequest[], advice: string): Promise<void> => {
    const { parrotHello } = await server();
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        const written = countWrites(call);
        try {
          return parrotHello(halfASecond)(call);
        } catch (error) {
          // What comes after the first reply is for the next steps to look at.
          if (written() === 0) throw error;
        }
      }) satisfies HelloHandlers['parrotHello'],
    });
    for (const [index, request] of requests.entries()) {
      const { messages, ended } = await hear(stub.parrotHello(request, soon()), 1);
      if (messages.length === 0) endedWell(ended, 'Does reply(1) call call.write?', 'a reply');
      const isOther = index > 0 && messages[0]?.message.startsWith(`${request.greeting} ${request.name} `);
      const ofItsOwn = 'This was another call: count begins with 1 in each. Keep none outside the handler.';
      same(messages, [{ message: repliesTo(request)[0] }], isOther ? ofItsOwn : advice);
    }
  };

  it('sends a first reply', async () => {
    const advice = 'Write a message of greeting, name and count, with a space between them.';
    await firstReplies([greetingRequest(), greetingRequest()], advice);
  });

  it('hands on both texts as they are', async () => {
    const advice =
      'Only the count and the spaces are yours: greeting and name stay as the client has sent them.';
    // Few calls: an answer that waits in place of being called back holds each one up.
    const texts = ['', ...awkwardTexts, longText, ''];
    const requests = texts.flatMap((greeting, index) =>
      index % 2 === 0 ? [{ greeting, name: texts[index + 1] ?? greeting }] : [],
    );
    await firstReplies(requests, advice);
  });
});

describe('Step 2 · Pause, then send the next', () => {
  it('sends three replies in order, with a pause before the second and the third', async () => {
    const { parrotHello } = await server();
    const pause = shortPause();
    const request = greetingRequest();
    const timers = timersStarted();
    let atOnce = 0;
    let late = (): Late | undefined => undefined;
    const closed = signal();
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        call.once('close', () => closed.send());
        late = lateWrite(call);
        const written = countWrites(call);
        const returned = parrotHello(pause)(call);
        atOnce = written();
        return returned;
      }) satisfies HelloHandlers['parrotHello'],
    });
    const began = performance.now();
    const { messages, ended } = await hear(stub.parrotHello(request, soon()), 3).finally(timers.stop);
    const took = Math.round(performance.now() - began);
    must(ended?.code !== status.DEADLINE_EXCEEDED, {
      expected: `three replies, with pauses of ${pause} ms between them`,
      came: `${messages.length} of them, until the deadline passed (DEADLINE_EXCEEDED)`,
      advice: 'Does a timer call reply(count + 1), after `pause` milliseconds and no others?',
    });
    if (messages.length === 0) endedWell(ended, 'Does reply(1) call call.write?', 'three replies');
    // grpc-js may tell of a client that has gone behind the end as well.
    if (ended === undefined) await inTime(closed.sent);
    const goesOn = late() === 'otherwise' && timers.hasRepeated();
    must(late() !== 'when it was cancelled' && !goesOn, {
      expected: 'no reply behind the end of the stream',
      came: 'one more',
      advice: goesOn
        ? 'setInterval goes on: setTimeout calls you back once.'
        : 'The event cancelled comes after the end of a good call too: write nothing in its listener.',
    });
    const came = messages.map(({ message }) => message);
    let advice = 'After each reply but the third, count goes up by one.';
    if (came.length < 3 && came.every((message, index) => message === repliesTo(request)[index])) {
      advice = 'The stream was over too early: call.end() stands behind the third reply alone.';
    } else if (new Set(came).size > 1 && came.some((message, index) => message === came[index - 1])) {
      advice = 'The same reply came twice: reply(count) writes one message, and no more.';
    }
    same(came, repliesTo(request), advice);
    must(atOnce <= 1, {
      expected: 'the handler to return after the first reply, so that the server is free during the pauses',
      came: `${atOnce} replies before it returned`,
      advice: 'A loop that waits holds up all other calls, and every cancel: let setTimeout call you back.',
    });
    const inTimers = timers.ofLesson.reduce((sum, duration) => sum + duration, 0);
    const loops = took >= 2 * (pause - 1) && inTimers < pause && !timers.hasRepeated();
    must(timers.times(pause) >= 2, {
      expected: `two pauses, each of ${pause} ms`,
      came: loops ? 'so long a time, and no timer for it' : `${timers.times(pause)} of that length`,
      advice: loops
        ? 'A loop that waits holds up all other calls. Let setTimeout call you back after `pause`.'
        : 'Both pauses are as long as `pause` says.',
    });
    // A timer may fire up to a millisecond early.
    must(took >= 2 * (pause - 1), {
      expected: `two pauses of ${pause} ms, as asked for`,
      came: `all three replies within ${took} ms`,
      advice: 'Wait for as long as `pause` says: setTimeout(reply, pause, count + 1).',
    });
  });

  it('does not pause before the first reply', async () => {
    const { parrotHello } = await server();
    const stub = await calling(Hello, { parrotHello: parrotHello(anHour) });
    const { messages, ended } = await hear(stub.parrotHello(greetingRequest(), soon()), 1);
    if (messages.length === 0) {
      endedWell(ended, 'The first pause comes after the first reply.', 'a reply at once');
    }
  });
});

describe('Step 3 · End the stream', () => {
  it('ends the stream with OK right after the third reply', async () => {
    const { parrotHello } = await server();
    const pause = shortPause();
    const request = greetingRequest();
    const stub = await calling(Hello, { parrotHello: parrotHello(pause) });
    const timers = timersStarted();
    const { messages, ended } = await hear(stub.parrotHello(request, soon())).finally(timers.stop);
    endedWell(ended, 'Your server never ended the stream: is call.end() missing?');
    same(
      messages.map(({ message }) => message),
      repliesTo(request),
      'Three replies, then the end.',
    );
    const pauses = timers.times(pause);
    must(pauses === 2 || pauses === Infinity, {
      expected: 'two pauses, and the end right after the third reply',
      came: `${pauses} pauses`,
      advice: 'Nothing comes after the third reply: there is nothing to wait for before call.end().',
    });
  });
});

describe('Step 4 · Stop for a client that has gone', () => {
  it('leaves no timer behind when the client cancels', async () => {
    const { parrotHello } = await server();
    const timers = watchTimers(anHour);
    try {
      const handler = parrotHello(anHour);
      const over = signal<string>();
      let listens = false;
      const stub = await calling(Hello, {
        parrotHello: ((call) => {
          for (const event of ['cancelled', 'finish', 'error']) call.once(event, () => over.send(event));
          call.on('newListener', (event) => {
            listens ||= event === 'cancelled';
          });
          return handler(call);
        }) satisfies HelloHandlers['parrotHello'],
      });
      const { messages, ended } = await hear(stub.parrotHello(greetingRequest(), soon()), 1);
      if (messages.length === 0) endedWell(ended, 'Does reply(1) call call.write?');
      must((await over.sent) === 'cancelled', {
        expected: 'the stream to be open until the client cancels, with the next reply an hour away',
        came: 'its end, before the client had cancelled',
        advice: 'Steps 2 and 3 come first: a pause after the first reply, and the end only after the third.',
      });
      must(await timers.allGone(), {
        expected: 'no timer to be left once the client has cancelled',
        came: 'one that still runs, for a client that has gone',
        advice: listens
          ? 'Your listener for cancelled leaves the timer. Keep each pause in `timer`, look there only when the client goes, and let no condition and no pause stand before clearTimeout(timer).'
          : "Two things: call.on('cancelled', …) hears that the client has gone, and clearTimeout(timer) in it stops the pause that runs then.",
      });
    } finally {
      timers.stop();
    }
  });

  it('goes on for every other client', async () => {
    const { parrotHello } = await server();
    const handler = parrotHello(shortPause());
    const writtenLate = new Map<string, () => number>();
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        const written = countWrites(call);
        call.once('cancelled', () => {
          const before = written();
          writtenLate.set(call.request.name, () => written() - before);
        });
        return handler(call);
      }) satisfies HelloHandlers['parrotHello'],
    });
    for (const [leaver, heardByLeaver] of [
      [0, 1],
      [1, 1],
      [0, 2],
    ] as const) {
      const requests = greetingRequests(2);
      const enough = requests.map((_request, index) => (index === leaver ? heardByLeaver : Infinity));
      const heard = await Promise.all(
        requests.map((request, index) => hear(stub.parrotHello(request, soon()), enough[index])),
      );
      const stayed = 1 - leaver;
      const came = heard[stayed]!.messages.map(({ message }) => message);
      const ofLeaver = repliesTo(requests[leaver]!);
      same(
        came,
        repliesTo(requests[stayed]!),
        came.some((message) => ofLeaver.includes(message))
          ? "These are the other client's texts: keep greeting and name inside the handler."
          : 'Each call has a timer of its own: one that all calls share is cleared by whichever client leaves.',
      );
      must(writtenLate.get(requests[leaver]!.name)?.() === 0, {
        expected: `no reply after the client has left, behind reply ${heardByLeaver}`,
        came: 'another one, for a client that has gone',
        advice:
          'Keep each pause in `timer`, the second one too, and clear what is there when the call is cancelled.',
      });
    }
  });
});

/** Waits for listen() to come to its end, as `settled` does. */
const listened = (listening: Promise<void>, never: string | (() => string)): Promise<void> =>
  settled(
    Promise.resolve(listening).catch((error: { code?: status } | undefined) => {
      must(error?.code !== status.CANCELLED, {
        expected: 'your client to come to a good end once it has heard enough',
        came: 'CANCELLED: it has cancelled the call and gone on reading',
        advice: 'Leave the loop before you cancel: who reads on gets CANCELLED.',
      });
      throw error;
    }),
    never,
  );

describe('Step 5 · Read the replies as they come', () => {
  it('hands over each reply before the next one is sent', async () => {
    const { listen } = await client();
    const request = greetingRequest();
    // Whatever the texts are, and however often one comes: each reply counts.
    const replies = [...repliesTo(request), ...allTexts];
    const heard: string[] = [];
    let sendNext = (): void => {};
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        const left = [...replies];
        sendNext = () => {
          const message = left.shift();
          if (message === undefined) call.end();
          else call.write({ message });
        };
        sendNext();
      }) satisfies HelloHandlers['parrotHello'],
    });
    const listening = listen(stub, request, replies.length + 1, (message) => {
      heard.push(message);
      sendNext();
    });
    const never = (): string => {
      const { length } = heard;
      if (length === replies.length) {
        return 'All replies were heard, and the stream has ended: what do you still wait for below the loop?';
      }
      if (length === 0)
        return 'Call onMessage for each reply as it comes, and return when the stream has ended.';
      return `After ${length} the reply ${inspect(replies[length], { maxStringLength: 40 })} was not handed over: an empty text is a reply too, and so is one that came before.`;
    };
    await unlessUnwritten(6, listened(listening, never));
    same(
      heard,
      replies,
      'The text of each reply is handed over once, in order. When some are missing: does listen() return before the stream has ended?',
    );
  });

  it('hands over no more than enough', async () => {
    const { listen } = await client();
    const request = greetingRequest();
    // A reply counts as one, whatever its text says.
    const replies = repliesTo(request).toReversed();
    const heard: string[] = [];
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        for (const message of replies) call.write({ message });
        call.end();
      }) satisfies HelloHandlers['parrotHello'],
    });
    const listening = listen(stub, request, 2, (message) => heard.push(message));
    await unlessUnwritten(6, listened(listening, 'Leave the loop once `enough` replies are handed over.'));
    const advice =
      heard.length < 2
        ? 'Count a reply once it is handed over, and leave when the count has reached `enough`.'
        : 'With enough = 2, the third reply is not handed over.';
    same(heard, replies.slice(0, 2), advice);
  });

  it('leaves after enough, without waiting for more', async () => {
    const { listen } = await client();
    const request = greetingRequest();
    const replies = repliesTo(request);
    const heard: string[] = [];
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        // No third reply will come, and no end: who waits for one, waits in vain.
        for (const message of replies.slice(0, 2)) call.write({ message });
      }) satisfies HelloHandlers['parrotHello'],
    });
    const listening = listen(stub, request, 2, (message) => heard.push(message));
    await unlessUnwritten(
      6,
      listened(
        listening,
        'Leave the loop as soon as `enough` replies are handed over, before you wait for another.',
      ),
    );
    same(heard, replies.slice(0, 2), 'With enough = 2, two replies are handed over.');
  });

  it('passes on the status of a call that failed', async () => {
    const { listen } = await client();
    const request = greetingRequest();
    let code = status.OK;
    const stub = await calling(Hello, {
      parrotHello: ((call) => {
        call.write({ message: repliesTo(request)[0]! });
        call.emit('error', { code, details: 'no more breath' });
      }) satisfies HelloHandlers['parrotHello'],
    });
    for (code of everyFailure) {
      await rejectedWith(
        listen(stub, request, 3, () => {}),
        code,
      );
    }
  });
});

describe('Step 6 · Tell the server that you have heard enough', () => {
  it('cancels the call at once, so that the server can stop', async () => {
    const { listen } = await client();
    const request = greetingRequest();
    for (const enough of [1, 3, 5]) {
      const cancelled = signal();
      const stub = await calling(Hello, {
        parrotHello: ((call) => {
          call.on('cancelled', () => cancelled.send());
          // The stream stays open: this server would go on for ever.
          for (const message of [...repliesTo(request), ...repliesTo(request)]) call.write({ message });
        }) satisfies HelloHandlers['parrotHello'],
      });
      const timers = timersStarted();
      await listened(
        listen(stub, request, enough, () => {}),
        'After enough replies your function returns, whether or not the server goes on.',
      ).finally(timers.stop);
      await within(cancelled.sent, {
        expected: `the server to be told that you have gone, with enough = ${enough}`,
        came: 'nothing: for the server the call is still open',
        advice: 'Leaving the loop is not enough: call call.cancel(). A return in the loop never gets there.',
      });
      timers.noneOfLesson('Cancel as soon as you have left the loop: nothing is there to wait for.');
    }
  });
});

describe('Both halves together', () => {
  it('hears three replies over the wire', async () => {
    const { start } = await server();
    const { listen } = await client();
    const stub = stubAt(Hello, await started(() => start('127.0.0.1:0', 1)));
    const request = greetingRequest();
    const replies = repliesTo(request);
    const heard: string[] = [];
    await settled(
      listen(stub, request, 3, (message) => heard.push(message)),
      'One half waits for the other: who ends the stream?',
    );
    same(heard, replies, 'Each half passes alone: look at the order in which they speak.');
  });
});
