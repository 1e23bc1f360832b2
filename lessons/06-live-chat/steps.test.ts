import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { status, type ClientReadableStream, type StatusObject } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { within } from '#kit/time-limits.ts';
import { hear, rejectedWith, settled, soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { allTexts, many } from '#kit/random-inputs.ts';
import {
  bothEnds,
  endedWith,
  linesOf,
  numbered,
  reachedAs,
  say,
  stalled,
  subscribe,
} from '#kit/live-chat/people.ts';
import { calling, serving, started, stubAt } from '#kit/peers.ts';
import { watchedWrites } from '#kit/stalled-reader.ts';
import { signal } from '#kit/awaited-events.ts';
import { timersStarted } from '#kit/timers.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;
const server = () => import('#answers/06-live-chat/server.ts');
const client = () => import('#answers/06-live-chat/client.ts');

type Server = Awaited<ReturnType<typeof server>>;
type Subscriber = InstanceType<Server['Subscriber']>;
type SendMessage = ReturnType<Server['liveChat']>['handlers']['SendMessage'];

/** A limit that a check reaches soon, in bytes: 130 short messages or so. */
const little = 20_000;

/** Every text as a name and as a text; the last two are the same. */
const everyMessage: Message__Output[] = allTexts.map((text) => ({ user_name: text, text }));

/** A call of ReceiveMessage; it has to outlast so many bounded waits. */
const reads = (address: string, bounds = 1): ClientReadableStream<Message__Output> =>
  stubAt(ChatService, address).receiveMessage({}, soon(bounds));

/** Lets the event loop take so many turns. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
};

/** Does what stop() does, at a moment that the check chooses. */
const endAll = (room: Iterable<Subscriber>): void => {
  for (const each of room) each.end({ code: status.UNAVAILABLE, details: 'The check ends it.' });
};

/** @returns what SendMessage calls back with as its error, when no time passes before it is called */
const refusalOf = (send: SendMessage, request: Message__Output): Promise<Partial<StatusObject> | null> => {
  const refusal = new Promise<Partial<StatusObject> | null>((resolve) => {
    void send({ request } as Parameters<SendMessage>[0], resolve);
  });
  return within(refusal, { expected: 'an answer of SendMessage', came: 'none', advice: 'Call back once.' });
};

describe('Step 1 · Write at the pace of the reader', () => {
  it('sends one message after the other to a client that reads', async () => {
    const { Subscriber } = await server();
    const { reader, call } = await bothEnds(reads);
    const hearing = hear(reader, everyMessage.length);
    const subscriber = new Subscriber(call, new Set(), Infinity);
    const left = [...everyMessage];
    const deliver = (): void => {
      const message = left.shift();
      if (message) subscriber.deliver(message);
    };
    reader.on('data', deliver);
    deliver();
    const advice = 'Write each message once, as it is. Does writeNext() go on when the one before has gone?';
    same(linesOf((await hearing).messages), linesOf(everyMessage), advice);
  });

  it('lets messages wait while the client does not read, and goes on when it does', async () => {
    const { Subscriber } = await server();
    const { reader, call } = await bothEnds(stalled);
    const subscriber = new Subscriber(call, new Set(), Infinity);
    const messages = numbered(100);
    const written = watchedWrites(call);
    // One is being written, and other ways of writing it may have one more.
    const oneByOne = (when: string): void =>
      must(written.most <= 2, {
        expected: `one message to be written, and no more while it has not gone out: ${when}`,
        came: `${written.most} that were written and wait in the stream`,
        advice:
          'The callback that you hand to write() tells when a message has gone out. What write() returns does not.',
      });
    for (const message of messages) subscriber.deliver(message);
    // Whoever does not wait for the reader has written far too much by then.
    await turns(200);
    oneByOne('this client does not read');
    const read = await reader.read(messages.length);
    const advice =
      read.messages.length < messages.length
        ? 'The client reads again. When one has gone out, its callback calls writeNext() for the next that waits.'
        : 'The client reads again: all that has waited comes, in order.';
    same(linesOf(read.messages), linesOf(messages), advice);
    oneByOne('also when the client reads on');
  });
});

describe('Step 2 · End one that does not keep up', () => {
  it.each([
    ['many short messages', numbered(1_000)],
    ['a few long ones', numbered(4, 16_000)],
  ])('ends it at once when %s wait, and drops them', async (_what, messages) => {
    const { Subscriber } = await server();
    const { reader, call } = await bothEnds(stalled);
    const room = new Set<Subscriber>();
    const subscriber = new Subscriber(call, room, little);
    room.add(subscriber);
    const beside = await bothEnds(reads);
    const other = new Subscriber(beside.call, room, little);
    room.add(other);
    const hearing = hear(beside.reader);
    try {
      for (const message of messages) if (room.has(subscriber)) subscriber.deliver(message);
    } catch (error) {
      if (error instanceof Error) throw error;
      throw new CheckFailure({
        expected: 'deliver() to throw nothing: who speaks must not fail because somebody does not read',
        came: inspect(error),
        advice: 'A status is not thrown. Hand it to end(), which sends it to this one client.',
      });
    }
    must(!room.has(subscriber), {
      expected: `the subscriber to be out of the room once more than ${little} bytes wait`,
      came: 'it is still there',
      advice: 'Whenever deliver() gets to your step, end() takes it out of the room, and ends its call.',
    });
    must(room.has(other), {
      expected: 'the other subscriber, who keeps up, to stay in the room',
      came: 'it is out of the room as well',
      advice: 'Call end() of this subscriber, and of no other: each has a queue of its own.',
    });
    beside.reader.cancel();
    await hearing;
    const waiting = subscriber.waiting.length + call.writableLength;
    // What has been written is no more than the stream takes: that it is one message is for step 1.
    must(waiting <= 17, {
      expected: 'what has waited to be dropped: it costs memory, and nobody may ever read it',
      came: `${waiting} messages that still wait`,
      advice: 'Drop it before you end the call: end() writes to the stream what still waits.',
    });
    const read = await reader.read();
    const advice =
      'The client gets what you hand to end(), behind what has gone out. A person reads the details.';
    endedWith(read, status.RESOURCE_EXHAUSTED, advice, messages.slice(0, read.messages.length));
    must(read.ended?.details, { expected: 'a sentence in `details` that says why', came: 'none', advice });
  });
});

describe('Step 3 · Take a subscriber in, and forget it when it has gone', () => {
  it('says at once that the subscriber is in, and sends no message by itself', async () => {
    const { liveChat, Subscriber } = await server();
    const room = new Set<Subscriber>();
    const stub = await calling(ChatService, liveChat(room).handlers);
    const readers: Awaited<ReturnType<typeof subscribe>>[] = [];
    for (const count of [1, 2, many]) {
      const more = Array.from({ length: count - readers.length }, () => subscribe(stub));
      readers.push(...(await Promise.all(more)));
      const subscribers = [...room].filter((each) => each instanceof Subscriber).length;
      must(subscribers === count, {
        expected: `${count} in the room when the metadata of call ${count} arrives`,
        came: `${room.size}, and ${subscribers} of them made by the line above your step`,
        advice: 'Is that Subscriber in there by then, and does its call stay open?',
      });
    }
    endAll(room);
    const advice = 'Nobody has spoken yet. That metadata comes says enough, and metadata is no message.';
    for (const reader of readers) endedWith(await reader.heard(), status.UNAVAILABLE, advice, []);
  });

  it('forgets one that cancels, or whose connection breaks, and no other', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const address = await serving(ChatService.service, liveChat(room).handlers);
    const stub = stubAt(ChatService, address);
    await subscribe(stub);
    const { cancel } = await subscribe(stub);
    const { vanish } = await stalled(address);
    const everybody = [...room];
    for (const [how, leave, number, rest] of [
      ['has cancelled', cancel, 2, [1, 3]],
      ['has lost its connection', vanish, 3, [1]],
    ] as const) {
      const gone = signal();
      everybody[number - 1]?.call.on('cancelled', () => gone.send());
      leave();
      await within(gone.sent, {
        expected: `the call of one that ${how} to emit 'cancelled'`,
        came: 'nothing',
        advice: 'Leave the call open: it ends when one side ends it.',
      });
      const left = [...room].map((each) => everybody.indexOf(each) + 1);
      const advice = `Number ${number} in the room ${how}. 'cancelled' comes on its call: forget this one at once, and no other.`;
      same(left, rest, advice);
    }
  });
});

describe('Step 4 · Give it to everybody, then acknowledge it', () => {
  it('gives every message to everybody, in the same order', async () => {
    const { liveChat } = await server();
    const address = await serving(ChatService.service, liveChat().handlers);
    const people = ['Ada', '  two spaces  ', 'Cleo '.repeat(100)].map((user_name) => ({
      stub: stubAt(ChatService, address),
      // But for the empty text, which is refused.
      messages: allTexts.slice(1).map((text) => ({ user_name, text })),
    }));
    // What is said twice is two messages.
    const twice = numbered(1).flatMap((message) => [message, message]);
    const all = [...twice, ...people.flatMap(({ messages }) => messages)];
    const readers = [];
    for (const { stub } of people) readers.push(await subscribe(stub, all.length));
    const repliesToTwo = await say(people[0]!.stub, twice);
    // Everybody speaks at once.
    const replies = await Promise.all(
      people.flatMap(({ stub, messages }) => messages.map((message) => say(stub, [message]))),
    );
    same([...repliesToTwo, ...replies.flat()], all, 'Each message is acknowledged with itself.');
    const heard = await Promise.all(readers.map((reader) => reader.heard()));
    const [first, ...others] = heard.map(({ messages }) => linesOf(messages));
    const advice = 'Hand each message to every subscriber in the room, its sender too, in the same order.';
    reachedAs(first!, linesOf(all), advice);
    for (const lines of others) same(lines, first, advice);
  });

  it('does it in one go: what is acknowledged has reached all who were in the room', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { ReceiveMessage, SendMessage } = liveChat(room).handlers;
    // The first turn is the one that the lines above the step wait for. In it, everything is done.
    for (const [count, size] of [
      [2, 3],
      [3, 3],
      [4, 30],
    ] as const) {
      const send: SendMessage = (call, callback) => {
        void turns(count).then(() => endAll(room));
        return SendMessage(call, callback);
      };
      const stub = await calling(ChatService, { ReceiveMessage, SendMessage: send });
      const readers = await Promise.all(Array.from({ length: size }, () => subscribe(stub)));
      await say(stub, numbered(1));
      const heard = await Promise.all(readers.map((reader) => reader.heard()));
      const reached = heard.filter(({ messages }) => messages.length > 0).length;
      must(reached === readers.length, {
        expected: `a message that is acknowledged to have reached all ${readers.length} who were in the room`,
        came: `it has reached ${reached}: the server was stopped soon after it had come in`,
        advice:
          'Go through the whole room, and wait for nothing: no await, no timer. Then nothing can come in between.',
      });
    }
  });

  it('gives a subscriber what is taken from its subscription on, and nothing else', async () => {
    const { liveChat } = await server();
    const { handlers } = liveChat();
    const stub = await calling(ChatService, handlers);
    const [before, first, second] = numbered(3).map((message) => [message]);
    await say(stub, before!);
    const early = await subscribe(stub, 2);
    await say(stub, first!);
    for (const [field, wrong] of [
      ['user_name', ''],
      ['text', 'x'.repeat(4_001)],
    ] as const) {
      const refusal = await refusalOf(handlers.SendMessage, { ...first![0]!, [field]: wrong });
      must(refusal?.code === status.INVALID_ARGUMENT && refusal.details?.startsWith(field), {
        expected: `INVALID_ARGUMENT, and ${field} to be named`,
        came: refusal ? `${status[refusal.code!]}: ${refusal.details}` : 'the message was taken',
        advice: 'The lines above your step look at the fields. Leave them as they are.',
      });
    }
    const late = await subscribe(stub, 1);
    await say(stub, second!);
    const advice = 'Nothing is lost on the way, and what is refused reaches nobody.';
    same((await early.heard()).messages, [...first!, ...second!], advice);
    same((await late.heard()).messages, second, 'Messages are not kept for those who come later.');
  });

  it('lets no subscriber wait for another that does not read', async () => {
    const { liveChat } = await server();
    const address = await serving(ChatService.service, liveChat(undefined, little).handlers);
    const stub = stubAt(ChatService, address);
    const messages = numbered(30, 1_000);
    const reader = await subscribe(stub, messages.length);
    const late = await stalled(address);
    await say(stub, messages);
    const { messages: heard } = await reader.heard();
    same(linesOf(heard), linesOf(messages), 'One does not read. The others get every message.');
    const advice = 'One does not read. Hand the message to deliver(), which ends it then: write() does not.';
    endedWith(await late.read(), status.RESOURCE_EXHAUSTED, advice);
  });
});

describe('Step 5 · Stop, and lose nothing that was acknowledged', () => {
  const onlySome =
    'Does your loop reach every subscriber? end() takes each out of the room while you go through it: a for…of over the room still reaches the others, and counting up to room.size does not.';

  it('ends every subscriber with UNAVAILABLE, behind all that was acknowledged', async () => {
    const { start } = await server();
    let stop: (() => unknown) | undefined;
    let stopped: unknown;
    const address = await started(async () => {
      const listening = await start('127.0.0.1:0');
      stop = listening?.stop;
      // It is stopped once, below; whether that comes back is asked in the end.
      return { ...listening, stop: () => stopped as Promise<void> };
    });
    const stub = stubAt(ChatService, address);
    const reader = await subscribe(stub);
    const late = await stalled(address);
    const messages = numbered(30);
    await say(stub, messages);
    stopped = stop?.();
    const advice =
      'In stop(), end every subscriber with its method end(), which writes what waits first, and the status `stopping`.';
    // The second one begins to read only now.
    const outcomes = [await reader.heard(), await late.read()];
    const ended = outcomes.filter((outcome) => outcome.ended).length;
    must(ended !== 1, { expected: 'both subscribers to be ended', came: 'one of them', advice: onlySome });
    for (const outcome of outcomes) endedWith(outcome, status.UNAVAILABLE, advice, messages);
  });

  it('takes no message and no subscriber any more', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { handlers, stop } = liveChat(room);
    const stub = await calling(ChatService, handlers);
    for (let count = 0; count < 5; count += 1) await subscribe(stub);
    let ended = 0;
    for (const { call } of room) call.on('error', () => (ended += 1));
    stop();
    const refusal = await refusalOf(handlers.SendMessage, everyMessage[1]!);
    must(refusal?.code === status.UNAVAILABLE, {
      expected: 'SendMessage to answer UNAVAILABLE from the moment on in which stop() is called',
      came: 'OK, while the subscribers were still being ended: this message reaches only some of them',
      advice: 'Close the door first: `open = false` comes before the loop, and nothing is awaited between.',
    });
    must(ended === 5, {
      expected: 'all 5 subscribers to be ended once stop() has come back',
      came: `${ended} of them`,
      advice:
        ended > 0
          ? onlySome
          : 'End them in stop() itself, and wait for nothing: the one second is for their clients to read on.',
    });
    const late = await hear(stub.receiveMessage({}, soon()));
    endedWith(late, status.UNAVAILABLE, 'Set `open` to false: both handlers look at it.', []);
  });
});

describe('Step 6 · Listen until you leave', () => {
  it('hands over each message as it comes, and returns when you leave', async () => {
    const { listen } = await client();
    const { reader, call } = await bothEnds((address) => reads(address, 2));
    const leaving = new AbortController();
    leaving.signal.addEventListener('abort', () => reader.cancel());
    const heard: Message__Output[] = [];
    const next = (): void => {
      const message = everyMessage[heard.length];
      if (message) call.write(message);
      else leaving.abort();
    };
    const hearing = (message: Message__Output): void => {
      heard.push(message);
      next();
    };
    next();
    const timers = timersStarted();
    const listening = listen(reader, hearing, leaving.signal).catch((error: unknown) => {
      must((error as { code?: unknown } | undefined)?.code !== status.CANCELLED, {
        expected: 'listen() to return when you have cancelled the call yourself',
        came: 'it rejects with CANCELLED',
        advice: 'That is your own leaving, and no failure: you know it by leaving.aborted.',
      });
      throw error;
    });
    await settled(
      listening,
      'Hand over each message inside the loop, as it comes. Return when you have left.',
    ).finally(timers.stop);
    const advice = 'Each message once, in order, as it is. Return when the call is over.';
    same(linesOf(heard), linesOf(everyMessage), advice);
    timers.noneOfLesson(
      'Read on as soon as you have handed a message over: a client that reads slowly is ended.',
    );
  });

  it.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'CANCELLED'] as const)(
    'passes on the status %s, which the server ends it with',
    async (name) => {
      const { listen } = await client();
      const { reader, call } = await bothEnds(reads);
      const last = numbered(many);
      for (const message of last) call.write(message);
      call.emit('error', { code: status[name], details: 'That is all.' });
      const heard: Message__Output[] = [];
      const listening = listen(reader, (message) => heard.push(message), new AbortController().signal);
      await rejectedWith(listening, status[name]);
      same(heard, last, 'What came before the status is handed over too.');
    },
  );
});

describe('Both halves together', () => {
  it('lets three people hear the same', async () => {
    const { start } = await server();
    const { chat } = await client();
    const address = await started(() => start('127.0.0.1:0'));
    const people = ['Ada', 'Bob', 'Cleo'];
    const all = (await subscribe(stubAt(ChatService, address), 2 * people.length)).heard();
    const chats = people.map(async (user) => {
      const heard: string[] = [];
      async function* texts(): AsyncGenerator<string, void> {
        yield* [`${user} is here`, `${user} leaves`];
        await all;
      }
      await chat(stubAt(ChatService, address), user, texts(), ({ text }) => heard.push(text));
      return heard;
    });
    const heard = await settled(Promise.all(chats), 'Look at what goes over the wire with npm run lesson:6.');
    const order = (await all).messages.map(({ text }) => text);
    for (const [index, texts] of heard.entries()) {
      const user = people[index]!;
      const from = order.indexOf(texts[0]!);
      same(texts, order.slice(from, from + texts.length), `${user} hears all in the same order.`);
      same(texts.filter((text) => text.startsWith(user)).length, 2, `${user} hears both of their own.`);
    }
  });
});
