import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Metadata, status, type ServerWritableStream, type StatusObject } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Empty__Output } from '#protos/generated/livechat/Empty.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { bound, inTime, within } from '#kit/bounds.ts';
import { hear, rejectedWith, replyTo, settled, soon, type Heard } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { awkwardTexts } from '#kit/drawn.ts';
import { calling, serving, started, stubAt } from '#kit/peers.ts';
import { namesOf, signal } from '#kit/signals.ts';
import { stalledAt, type Read, type Stalled } from '#kit/stalled.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;
const server = () => import('#answers/06-live-chat/server.ts');
const client = () => import('#answers/06-live-chat/client.ts');

type Server = Awaited<ReturnType<typeof server>>;
type Subscriber = InstanceType<Server['Subscriber']>;
type Call = ServerWritableStream<Empty__Output, Message>;

/**
 * How many messages may have been written, and not gone out, to a client that does not read: the one that is being
 * written, and one more for other ways of writing it. Who goes by what `write` returns has 16 there.
 */
const underway = 2;
/** How many messages Node.js lets wait in a stream of objects before `write` returns false. */
const highWaterMark = 16;
/** Turns of the event loop in which a server that does not wait for its reader would have written far too much. */
const someTurns = 20;
/** A limit that no check reaches, in bytes. */
const plenty = 1_000_000;
/** A limit that a check reaches soon, in bytes: 130 short messages or so. */
const little = 20_000;

const messageOf = (text: string): Message__Output => ({ user_name: 'Ada', text });
const numbered = (count: number): Message__Output[] =>
  Array.from({ length: count }, (_, index) => messageOf(`message ${index + 1}`));
const textsOf = (messages: readonly Message[]): string[] => messages.map(({ text }) => String(text));

/** Who does not read. */
const stalled = (address: string): Stalled<Message__Output> =>
  stalledAt(address, ChatService.service.ReceiveMessage, {});

/** A server of the check's own, which hands each call of ReceiveMessage to the check. */
const taking = async (): Promise<{ address: string; next: () => Promise<Call> }> => {
  let opened = signal<Call>();
  const address = await serving(ChatService.service, {
    ReceiveMessage: ((call) => {
      call.sendMetadata(new Metadata());
      opened.send(call);
    }) satisfies ChatServiceHandlers['ReceiveMessage'],
  });
  return {
    address,
    next: async () => {
      const call = await opened.sent;
      opened = signal();
      return call;
    },
  };
};

/** Lets the event loop take so many turns. */
const severalTurns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
};

const send = (
  stub: ChatServiceClient,
  message: Message,
  never = 'Is the message acknowledged, by the callback?',
): Promise<Message__Output> => replyTo((options, done) => stub.sendMessage(message, options, done), never);

/** Sends one after the other. Each may be quick enough by itself, and all of them take for ever. */
const sendAll = (stub: ChatServiceClient, messages: readonly Message[], never?: string): Promise<void> => {
  const sending = async (): Promise<void> => {
    for (const message of messages) await send(stub, message, never);
  };
  return within(sending(), {
    expected: `${messages.length} messages to be acknowledged soon, one after the other`,
    came: 'only some of them',
    advice: never ?? 'Does step 4 wait for something?',
  });
};

/** Somebody who subscribes at the learner's server, and reads. */
interface Reader {
  /** What comes, up to this many messages or the end. */
  heard(enough?: number): Promise<Heard<Message__Output>>;
  cancel(): void;
}

/** Resolves when the server has sent its metadata; before that nobody knows of being subscribed. */
const subscribe = async (stub: ChatServiceClient): Promise<Reader> => {
  const call = stub.receiveMessage({}, soon(3));
  const messages: Message__Output[] = [];
  let enough = Infinity;
  const over = signal<StatusObject | undefined>();
  call.on('data', (message: Message__Output) => {
    messages.push(message);
    if (messages.length >= enough) over.send(undefined);
  });
  call.on('error', () => {});
  call.on('status', over.send);
  const begun = signal();
  call.once('metadata', () => begun.send());
  const ended = await within(Promise.race([begun.sent, over.sent]), {
    expected: 'metadata at once, before there is any message: so the client knows that it is subscribed',
    came: 'nothing',
    advice:
      'A call can send its metadata by itself, before any message. It is due when the subscriber is in.',
  });
  must(!ended, {
    expected: 'metadata at once, and the call to stay open: messages may come at any time',
    came: `the call ended with ${status[ended?.code ?? 0]}: ${ended?.details}`,
    advice: 'Only cancelling, too much that waits, or the end of the server ends a subscription.',
  });
  return {
    heard: async (most = Infinity) => {
      enough = most;
      if (messages.length >= enough) over.send(undefined);
      const last = await inTime(over.sent);
      call.cancel();
      return { messages, ended: last };
    },
    cancel: () => call.cancel(),
  };
};

/** Waits until this many subscribers are in the room. */
const filled = async (room: Set<Subscriber>, size: number): Promise<void> => {
  const until = Date.now() + bound();
  while (room.size < size && Date.now() < until) await nextTurn();
  must(room.size === size, {
    expected: `${size} subscribers in the room`,
    came: `${room.size}`,
    advice: 'Is each of them put into it, and does its call stay open?',
  });
};

const endedWith = ({ ended }: Pick<Read<unknown>, 'ended'>, code: status, advice: string): void => {
  must(ended?.code === code, {
    expected: `the subscriber's call to end with ${status[code]}`,
    came: ended ? `${status[ended.code]}: ${ended.details}` : 'no status',
    advice,
  });
};

describe('Step 1 · Write at the pace of the reader', () => {
  it('sends one message after the other to a client that reads', async () => {
    const { Subscriber } = await server();
    const { address, next } = await taking();
    const stub = stubAt(ChatService, address);
    const messages = numbered(5);
    const call = stub.receiveMessage({}, soon());
    const listening = hear(call, messages.length);
    const subscriber = new Subscriber(await next(), new Set(), plenty);
    let delivered = 0;
    const deliver = (): void => {
      const message = messages[delivered++];
      if (message) subscriber.deliver(message);
    };
    call.on('data', deliver);
    deliver();
    const heard = await listening;
    must(heard.messages.length === messages.length, {
      expected: `${messages.length} messages, each once the one before has come`,
      came: `${heard.messages.length} of them`,
      advice: 'Does writeNext() go on when the message before has gone?',
    });
    same(textsOf(heard.messages), textsOf(messages), 'Each message is written once, in order.');
  });

  it('lets messages wait while the client does not read, and goes on when it does', async () => {
    const { Subscriber } = await server();
    const { address, next } = await taking();
    const peer = stalled(address);
    const call = await next();
    const subscriber = new Subscriber(call, new Set(), plenty);
    const messages = numbered(100);
    for (const message of messages) subscriber.deliver(message);
    await severalTurns(someTurns);
    must(call.writableLength <= underway, {
      expected: 'one message to be written, and no more while it has not gone out: this client does not read',
      came: `${call.writableLength} that were written and wait in the stream`,
      advice:
        'The callback that you hand to write() tells when a message has gone out. What write() returns does not.',
    });
    const read = await peer.read(messages.length);
    must(read.messages.length > 0 || !read.ended, {
      expected: 'the messages to come when the client reads on',
      came: `${status[read.ended?.code ?? 0]}: ${read.ended?.details}`,
      advice: 'Only deliver() ends a subscriber, when too much waits.',
    });
    same(
      textsOf(read.messages),
      textsOf(messages),
      'The client reads again: all that has waited comes, in order.',
    );
  });
});

describe('Step 2 · End one that does not keep up', () => {
  it('ends it with RESOURCE_EXHAUSTED, forgets it at once, and drops what has waited', async () => {
    const { Subscriber } = await server();
    const { address, next } = await taking();
    const peer = stalled(address);
    const call = await next();
    const room = new Set<Subscriber>();
    const subscriber = new Subscriber(call, room, little);
    room.add(subscriber);
    const messages = numbered(1_000);
    let delivered = 0;
    const deliver = (message: Message__Output): void => {
      try {
        subscriber.deliver(message);
      } catch (error) {
        if (error instanceof Error) throw error;
        throw new CheckFailure({
          expected: 'deliver() to throw nothing: who speaks must not fail because somebody does not read',
          came: inspect(error),
          advice: 'A status is not thrown. Hand it to end(), which sends it to this one client.',
        });
      }
    };
    while (room.has(subscriber) && delivered < messages.length) deliver(messages[delivered++]!);
    must(!room.has(subscriber), {
      expected: `the subscriber to be out of the room once more than ${little} bytes wait`,
      came: 'it is still there',
      advice: 'The method end() takes it out of the room, and ends its call.',
    });
    must(subscriber.waiting.length === 0 && call.writableLength <= highWaterMark + 1, {
      expected: 'what has waited to be dropped: it costs memory, and nobody may ever read it',
      came: `${subscriber.waiting.length + call.writableLength} messages that still wait`,
      advice: 'Drop it before you end the call: end() writes to the stream what still waits.',
    });
    const read = await peer.read();
    endedWith(read, status.RESOURCE_EXHAUSTED, 'The client gets the code that you hand to end().');
    same(
      textsOf(read.messages),
      textsOf(messages.slice(0, read.messages.length)),
      'What did go out is the beginning, in order.',
    );
    must(read.ended?.details, {
      expected: 'a sentence in `details` that says why',
      came: 'none',
      advice: 'A person reads it when their client ends.',
    });
  });

  it('counts bytes, and not messages', async () => {
    const { Subscriber } = await server();
    const { address, next } = await taking();
    stalled(address);
    const room = new Set<Subscriber>();
    const subscriber = new Subscriber(await next(), room, little);
    room.add(subscriber);
    // The first is written; of the others two are more than may wait.
    for (let count = 0; count < 4; count += 1) subscriber.deliver(messageOf('x'.repeat(4_000 * 4)));
    must(!room.has(subscriber), {
      expected: `a subscriber to be ended for which three long messages wait, more than ${little} bytes`,
      came: 'it is still in the room',
      advice: 'The line above the step has counted: end the subscriber whenever it gets there.',
    });
  });
});

describe('Step 3 · Take a subscriber in, and forget it when it has gone', () => {
  it('says at once that the subscriber is in', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const stub = await calling(ChatService, liveChat(room).handlers);
    for (const count of [1, 2]) {
      await subscribe(stub);
      must(room.size === count, {
        expected: `${count} in the room when the metadata of call ${count} arrives`,
        came: `${room.size}`,
        advice: 'Is its subscriber in there by then, and does its call stay open?',
      });
    }
  });

  it('keeps the Subscriber in the room, and sends it nothing by itself', async () => {
    const { liveChat, Subscriber } = await server();
    const room = new Set<Subscriber>();
    const stub = await calling(ChatService, liveChat(room).handlers);
    const reader = await subscribe(stub);
    const [subscriber] = room;
    must(subscriber instanceof Subscriber, {
      expected: 'the Subscriber in the room, which the line above your step has made',
      came: `a ${(subscriber as object | undefined)?.constructor.name}`,
      advice: 'Step 4 will hand each message to deliver(), and only a Subscriber has that.',
    });
    subscriber.end({ code: status.UNAVAILABLE, details: 'The check ends it.' });
    const { messages } = await reader.heard();
    must(messages.length === 0, {
      expected: 'no message: nobody has spoken yet',
      came: `${messages.length} of them`,
      advice: 'Write nothing in this step. That metadata comes says enough, and metadata is no message.',
    });
  });

  it('forgets one that cancels, or whose connection breaks, and no other', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { ReceiveMessage, ...others } = liveChat(room).handlers;
    let gone = signal();
    const address = await serving(ChatService.service, {
      ...others,
      ReceiveMessage: ((call) => {
        const returned: unknown = ReceiveMessage(call);
        call.on('cancelled', () => gone.send());
        return returned as void;
      }) satisfies ChatServiceHandlers['ReceiveMessage'],
    });
    const stub = stubAt(ChatService, address);
    const leaver = await subscribe(stub);
    const [first] = room;
    await subscribe(stub);
    const peer = stalled(address);
    await filled(room, 3);
    const never = {
      expected: "the call to emit 'cancelled' once its client has gone",
      came: 'nothing',
      advice: 'Leave the call open: it ends when one side ends it.',
    };
    leaver.cancel();
    await within(gone.sent, never);
    const advice = "'cancelled' comes on the call of the one who has gone: forget this one, and no other.";
    const forgotten = first && !room.has(first);
    const remaining = room.size;
    must(remaining === 2 && forgotten, {
      expected: 'the other 2 in the room, once one of 3 has cancelled',
      came: `${remaining} in the room, and the one that has left is ${forgotten ? 'gone' : 'still there'}`,
      advice,
    });
    gone = signal();
    peer.vanish();
    await within(gone.sent, never);
    must(room.size === 1, {
      expected: '1 in the room, once the connection of another one has broken',
      came: `${room.size}`,
      advice,
    });
  });
});

describe('Step 4 · Give it to everybody, then acknowledge it', () => {
  it('gives every message to everybody, in the same order', async () => {
    const { liveChat } = await server();
    const linesOf = (messages: { user_name?: string; text?: string }[]): string[] =>
      messages.map(({ user_name, text }) => `${user_name}: ${text}`);
    const address = await serving(ChatService.service, liveChat().handlers);
    const stubs = ['Ada', awkwardTexts[0]!, 'Cleo '.repeat(100)].map((name) => ({
      name,
      stub: stubAt(ChatService, address),
    }));
    const readers: Reader[] = [];
    for (const { stub } of stubs) readers.push(await subscribe(stub));
    const all = stubs.flatMap(({ name, stub }) =>
      [1, 2, 3, 4, 5].map((count) => ({
        stub,
        message: { user_name: name, text: `${awkwardTexts[count]} ${name} ${count} ` },
      })),
    );
    // Everybody speaks at once.
    const replies = await Promise.all(all.map(({ stub, message }) => send(stub, message)));
    same(
      replies,
      all.map(({ message }) => message),
      'Each message is acknowledged with itself.',
    );
    const heard = await Promise.all(readers.map((reader) => reader.heard(all.length)));
    const [order] = heard.map(({ messages }) => linesOf(messages));
    for (const { messages } of heard) {
      same(
        linesOf(messages).toSorted(),
        linesOf(all.map(({ message }) => message)).toSorted(),
        'Every message reaches everybody, its sender too. Is it handed to each subscriber in the room?',
      );
      same(linesOf(messages), order, 'Everybody hears the messages in the same order.');
    }
  });

  it('does it in one go: what is acknowledged has reached all who were in the room', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { SendMessage, ...others } = liveChat(room, plenty).handlers;
    // The first turn is the one that the lines above the step wait for. In it, everything is done.
    for (const count of [2, 3, 4]) {
      const stub = await calling(ChatService, {
        ...others,
        SendMessage: ((call, callback) => {
          const returned: unknown = SendMessage(call, callback);
          void severalTurns(count).then(() => {
            // As stop() does it, at a moment that nobody can choose.
            for (const subscriber of room) {
              subscriber.end({ code: status.UNAVAILABLE, details: 'The check ends it.' });
            }
          });
          return returned as void;
        }) satisfies ChatServiceHandlers['SendMessage'],
      });
      const readers = [await subscribe(stub), await subscribe(stub), await subscribe(stub)];
      await send(stub, messageOf('Hello'));
      const heard = await Promise.all(readers.map((reader) => reader.heard()));
      const reached = heard.filter(({ messages }) => messages.length > 0).length;
      must(reached === readers.length, {
        expected: `a message that is acknowledged to have reached all ${readers.length} who were in the room`,
        came: `it has reached ${reached}: the server was stopped soon after it had come in`,
        advice: 'Wait for nothing in this step: no await, no timer. Then nothing can come in between.',
      });
    }
  });

  it('gives a subscriber the messages from its subscription on, and none from before', async () => {
    const { liveChat } = await server();
    const stub = await calling(ChatService, liveChat().handlers);
    await send(stub, messageOf('nobody is here yet'));
    const early = await subscribe(stub);
    await send(stub, messageOf('first'));
    const late = await subscribe(stub);
    await send(stub, messageOf('second'));
    same(textsOf((await early.heard(2)).messages), ['first', 'second'], 'Nothing is lost on the way.');
    same(
      textsOf((await late.heard(1)).messages),
      ['second'],
      'Messages are not kept for those who come later.',
    );
  });

  it('lets no subscriber wait for another that does not read', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const address = await serving(ChatService.service, liveChat(room, little).handlers);
    const stub = stubAt(ChatService, address);
    const reader = await subscribe(stub);
    const peer = stalled(address);
    await filled(room, 2);
    const messages = Array.from({ length: 30 }, (_, index) => messageOf(`${index} ${'x'.repeat(1_000)}`));
    const never = 'One subscriber does not read. Do not wait for it: deliver() never waits.';
    await sendAll(stub, messages, never);
    const heard = await reader.heard(messages.length);
    same(
      textsOf(heard.messages),
      textsOf(messages),
      'One subscriber does not read. The others get every message all the same.',
    );
    endedWith(
      await peer.read(),
      status.RESOURCE_EXHAUSTED,
      'This one does not read. Hand the message to deliver(): it ends who does not keep up, and write() does not.',
    );
  });

  it('gives nobody a message that it refuses', async () => {
    const { liveChat } = await server();
    const stub = await calling(ChatService, liveChat().handlers);
    const reader = await subscribe(stub);
    for (const [field, message] of [
      ['user_name', { user_name: '', text: 'Hello' }],
      ['text', messageOf('x'.repeat(4_001))],
    ] as const) {
      const refused = await new Promise<{ code: number; details: string } | undefined>((resolve) => {
        stub.sendMessage(message, soon(), (error) => resolve(error ?? undefined));
      });
      must(refused?.code === status.INVALID_ARGUMENT && refused.details.startsWith(field), {
        expected: `INVALID_ARGUMENT, and ${field} to be named`,
        came: refused ? `${status[refused.code]}: ${refused.details}` : 'the message was taken',
        advice: 'The lines above your step look at the fields. Leave them as they are.',
      });
    }
    await send(stub, messageOf('Hello'));
    same(textsOf((await reader.heard(1)).messages), ['Hello'], 'A message that is refused reaches nobody.');
  });
});

describe('Step 5 · Stop, and lose nothing that was acknowledged', () => {
  it('ends every subscriber with UNAVAILABLE, behind all that was acknowledged', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { handlers, stop } = liveChat(room, plenty);
    const address = await serving(ChatService.service, handlers);
    const stub = stubAt(ChatService, address);
    const reader = await subscribe(stub);
    const late = stalled(address);
    await filled(room, 2);
    const messages = numbered(30);
    await sendAll(stub, messages);
    const subscribers = [...room];
    for (const subscriber of subscribers) {
      const { end } = subscriber;
      subscriber.end = (failure) => {
        must(failure, {
          expected: 'end() to be given the status that the client will get',
          came: 'nothing',
          advice: 'The one for this is defined above liveChat.',
        });
        end.call(subscriber, failure);
      };
    }
    stop();
    const advice =
      'In stop(), end every subscriber in the room, with its method end() and the status `stopping`.';
    const lost = subscribers.filter(({ call, waiting }) => call.writableEnded && waiting.length > 0);
    must(lost.length === 0, {
      expected: 'what waits to be written to the stream before the status: it was acknowledged',
      came: `${lost[0]?.waiting.length} messages that still wait, and can no longer be written`,
      advice: 'The method end() of a subscriber does both, in this order.',
    });
    const heard = await reader.heard();
    endedWith(heard, status.UNAVAILABLE, advice);
    same(textsOf(heard.messages), textsOf(messages), 'What was acknowledged reaches everybody who reads.');
    const read = await late.read();
    endedWith(read, status.UNAVAILABLE, advice);
    same(
      textsOf(read.messages),
      textsOf(messages),
      'This one has begun to read only now. What was acknowledged comes before the status, all of it.',
    );
    same(room.size, 0, 'Nobody is left in the room.');
  });

  it('takes no message and no subscriber any more', async () => {
    const { liveChat } = await server();
    const room = new Set<Subscriber>();
    const { handlers, stop } = liveChat(room);
    const stub = await calling(ChatService, handlers);
    for (let count = 0; count < 5; count += 1) await subscribe(stub);
    await filled(room, 5);
    const advice = 'Set `open` to false before you wait for anything: both handlers look at it.';
    // On the server itself, where no time passes between the two.
    stop();
    const atOnce = signal<{ code?: status } | null>();
    void handlers.SendMessage(
      { request: messageOf('while it stops') } as Parameters<typeof handlers.SendMessage>[0],
      (error) => atOnce.send(error as { code?: status } | null),
    );
    must((await settled(atOnce.sent, 'SendMessage answers by its callback.'))?.code === status.UNAVAILABLE, {
      expected: 'SendMessage to answer UNAVAILABLE from the moment on in which stop() is called',
      came: 'OK, while the subscribers were still being ended: this message reaches only some of them',
      advice: 'Close the door first: `open = false` comes before the loop, and nothing is awaited between.',
    });
    const ended = await new Promise<StatusObject | undefined>((resolve) => {
      stub.sendMessage(messageOf('too late'), soon(), (error) => resolve(error ?? undefined));
    });
    must(ended?.code === status.UNAVAILABLE, {
      expected: 'SendMessage to answer UNAVAILABLE: what is acknowledged now would reach nobody',
      came: ended ? `${status[ended.code]}: ${ended.details}` : 'OK',
      advice,
    });
    endedWith(await hear(stub.receiveMessage({}, soon())), status.UNAVAILABLE, advice);
  });

  it('stops your server in good order', async () => {
    const { start } = await server();
    let listening: Awaited<ReturnType<typeof start>> | undefined;
    const address = await started(async () => {
      listening = await start('127.0.0.1:0');
      // It is stopped below, and nobody stops a server twice.
      return { ...listening, stop: undefined };
    });
    const stub = stubAt(ChatService, address);
    const reader = await subscribe(stub);
    await send(stub, messageOf('the last one'));
    await listening?.stop?.();
    const stopped = new Promise<void>((resolve) => listening?.server.tryShutdown(() => resolve()));
    const heard = await reader.heard();
    endedWith(heard, status.UNAVAILABLE, 'In stop(), end every subscriber in the room.');
    same(textsOf(heard.messages), ['the last one'], 'What was acknowledged reaches everybody who reads.');
    await within(stopped, {
      expected: 'no call to be left once the subscribers have been ended',
      came: 'one that is still open',
      advice: 'start() hands on `stop`: leave it as it is.',
    });
  });
});

describe('Step 6 · Listen until you leave', () => {
  /** Nobody leaves. */
  const stays = new AbortController().signal;

  /** A small chat of the check's own: all that is sent goes to the one who listens. */
  const echo = (): { handlers: ChatServiceHandlers; opened: Promise<Call>; left: Promise<void> } => {
    const opened = signal<Call>();
    const left = signal();
    let listener: Call | undefined;
    const handlers = {
      ReceiveMessage: (call: Call) => {
        listener = call;
        call.on('cancelled', () => left.send());
        call.sendMetadata(new Metadata());
        opened.send(call);
      },
      SendMessage: (({ request }, callback) => {
        listener?.write(request);
        callback(null, request);
      }) satisfies ChatServiceHandlers['SendMessage'],
    };
    return { handlers, opened: opened.sent, left: left.sent };
  };

  it('hands over each message as it comes, and returns when you leave', async () => {
    const { listen } = await client();
    const { handlers, opened } = echo();
    const stub = await calling(ChatService, handlers);
    const subscription = stub.receiveMessage({}, soon(2));
    const heard: Message__Output[] = [];
    const turns = numbered(3).map((message) => ({ message, came: signal() }));
    const leaving = new AbortController();
    const hearing = (message: Message__Output): void => {
      turns[heard.length]?.came.send();
      heard.push(message);
    };
    const listening = listen(subscription, hearing, leaving.signal);
    const tooSoon = listening.then(() => {
      throw new CheckFailure({
        expected: 'listen() to go on while the subscription is open',
        came: 'it returned',
        advice: 'Wait for every message: the loop ends by itself when the call is over.',
      });
    });
    // Both are looked at below; until then a rejection is not unhandled.
    tooSoon.catch(() => {});
    const call = await Promise.race([opened, tooSoon]);
    for (const { message, came } of turns) {
      call.write(message);
      await Promise.race([
        within(came.sent, {
          expected: 'onMessage to be called for each message, while the stream is still open',
          came: 'nothing',
          advice: 'Hand over each message inside the loop, not after it.',
        }),
        tooSoon,
      ]);
    }
    leaving.abort();
    subscription.cancel();
    try {
      await settled(listening, 'After the cancel your loop ends: return then.');
    } catch (error) {
      must(!(error instanceof CheckFailure && error.came.startsWith('CANCELLED')), {
        expected: 'listen() to return when you have cancelled the call yourself',
        came: 'it rejects with CANCELLED',
        advice:
          'The loop throws CANCELLED then. You know that it is yours by leaving.aborted: it is no failure.',
      });
      throw error;
    }
    same(textsOf(heard), textsOf(turns.map(({ message }) => message)), 'Each message once, in order.');
  });

  it.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'CANCELLED'] as const)(
    'passes on the status %s, which the server ends it with',
    async (name) => {
      const code = status[name];
      const { listen } = await client();
      const stub = await calling(ChatService, {
        ReceiveMessage: ((call) => {
          call.write(messageOf('the last one'));
          call.emit('error', { code, details: 'That is all.' });
        }) satisfies ChatServiceHandlers['ReceiveMessage'],
      });
      const heard: Message__Output[] = [];
      await rejectedWith(
        listen(stub.receiveMessage({}, soon()), (message) => heard.push(message), stays),
        code,
      );
      same(textsOf(heard), ['the last one'], 'What came before the status is handed over too.');
    },
  );

  it('lets you talk while you listen, and leave when your own messages have come', async () => {
    const { chat } = await client();
    const { handlers, left } = echo();
    const stub = await calling(ChatService, handlers);
    const heard: Message__Output[] = [];
    const texts = namesOf('Hello', 'Is anybody here?');
    texts.next();
    const talking = chat(stub, 'Ada', texts.typed, (message) => {
      heard.push(message);
      texts.next();
    });
    await settled(
      talking,
      'The next text is typed only when the last one has come: do you hand it over at once?',
    );
    same(textsOf(heard), ['Hello', 'Is anybody here?'], 'What you say comes back over your subscription.');
    await within(left, {
      expected: 'the server to be told that you have left',
      came: 'nothing',
      advice: 'chat() cancels the call: leave that as it is.',
    });
  });
});

describe('Both halves together', () => {
  it('lets three people hear the same', async () => {
    const { start } = await server();
    const { chat } = await client();
    const address = await started(() => start('127.0.0.1:0'));
    const watcher = await subscribe(stubAt(ChatService, address));
    const heard: Record<string, string[]> = { Ada: [], Bob: [], Cleo: [] };
    const all = Object.keys(heard).length * 2;
    const everybody = signal();
    /** Says two things, and leaves when everybody has heard everything. */
    async function* texts(user: string): AsyncGenerator<string, void> {
      yield `${user} is here`;
      yield `${user} leaves`;
      await everybody.sent;
    }
    const chats = Object.entries(heard).map(([user, messages]) =>
      chat(stubAt(ChatService, address), user, texts(user), ({ text }) => {
        messages.push(text);
        if (Object.values(heard).every(({ length }) => length > 0)) everybody.send();
      }),
    );
    await settled(Promise.all(chats), 'Look at what goes over the wire with npm run lesson:6.');
    const { messages } = await watcher.heard(all);
    const order = textsOf(messages);
    same(order.length, all, 'Everybody says two things.');
    for (const [user, came] of Object.entries(heard)) {
      same(
        came,
        order.slice(order.indexOf(came[0]!)).slice(0, came.length),
        `${user} hears them in the same order.`,
      );
    }
  });
});
