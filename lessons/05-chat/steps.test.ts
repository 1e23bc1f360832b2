import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { status, type StatusObject } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageReply } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest, MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import type { StatsReply__Output } from '#protos/generated/chat/StatsReply.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { within } from '#kit/bounds.ts';
import { endedWell, hear, rejectedWith, replyTo, settled, soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { awkwardTexts, integer, oneOf, someNames } from '#kit/drawn.ts';
import { calling, serving, started, stubAt } from '#kit/peers.ts';
import { namesOf, signal } from '#kit/signals.ts';
import { stalledAt } from '#kit/stalled.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;
const server = () => import('#answers/05-chat/server.ts');
const client = () => import('#answers/05-chat/client.ts');

const ada = { user_from: 'Ada', chat_room: 'lobby' };
const grace = { user_from: 'Grace', chat_room: 'lab' };
const said = (sender: typeof ada, ...messages: string[]): MessageRequest[] =>
  messages.map((message) => ({ ...sender, message }));
const textsOf = (messages: MessageReply[]): (string | undefined)[] => messages.map(({ message }) => message);

type Chat = ChatServiceHandlers['SendAndReceiveMessage'];

/** A chat that works, for the checks of the client. */
const acknowledging: Chat = (call) => {
  call.on('data', (message: MessageRequest__Output) => call.write(message));
  call.on('end', () => call.end());
};

/** A chat that is refused as soon as something is said. */
const refusing: Chat = (call) => {
  call.once('data', () =>
    call.emit('error', { code: status.INVALID_ARGUMENT, details: 'message must not be empty' }),
  );
};

/** Another client of the learner's server. What it says comes back before it says the next: meanwhile others get on. */
const bystander = (stub: ChatServiceClient): ((times: number) => Promise<void>) => {
  const call = stub.sendAndReceiveMessage(soon(2));
  const over = new Promise<StatusObject>((resolve) => call.on('status', resolve));
  call.on('error', () => {});
  call.on('data', () => {});
  return async (times) => {
    for (let time = 0; time < times; time += 1) {
      const answer = new Promise<undefined>((resolve) => call.once('data', () => resolve(undefined)));
      call.write({ ...grace, message: 'still there?' });
      const ended = await within(Promise.race([answer, over]), {
        expected: 'each client to be answered at once, whatever the others do',
        came: 'nothing',
        advice: 'Each message gets its acknowledgement, and no client is kept waiting for another one.',
      });
      endedWell(ended, 'What happens on one call must not end another one.');
    }
  };
};

/** Waits as long as something moves on. */
const untilStill = async (count: () => number, another: (times: number) => Promise<void>): Promise<void> => {
  let last = -1;
  while (count() !== last) {
    last = count();
    await another(20);
  }
};

describe('Step 1 · Acknowledge each message', () => {
  it('gives each message back before the next one is sent', async () => {
    const { chat } = await server();
    const received: MessageReply[] = [];
    const stub = await calling(ChatService, chat(received));
    const [user_from] = someNames(1);
    const sender = { user_from: user_from!, chat_room: oneOf(['library', 'garden', 'kitchen']) };
    // The last one is as long as a message may be, and one has been said before.
    const messages = said(sender, 'Hello', ...awkwardTexts, 'Hello', 'Hello', `${'x'.repeat(3_998)} !`);
    const call = stub.sendAndReceiveMessage(soon());
    let came = 0;
    call.on('data', () => {
      const next = messages[++came];
      if (next) call.write(next);
    });
    call.write(messages[0]!);
    const heard = await hear(call, messages.length);
    if (heard.messages.length < messages.length) {
      const tooEarly = heard.ended?.code === status.OK;
      const never = 'Write each acknowledgement in the listener for data, as soon as its message has come.';
      if (heard.ended?.code !== status.DEADLINE_EXCEEDED) endedWell(heard.ended, never);
      throw new CheckFailure({
        expected: `${messages.length} acknowledgements, each before the client sends its next message`,
        came: `${heard.messages.length} of them, and then ${tooEarly ? 'the end of the stream' : 'nothing more, until the deadline passed (DEADLINE_EXCEEDED)'}`,
        advice: tooEarly
          ? 'The client has not finished yet. Close your half only when it has: the listener for end does that.'
          : never,
      });
    }
    const changed = messages.findIndex(
      (message, index) => heard.messages[index]?.message !== message.message,
    );
    same(
      heard.messages[changed]?.message,
      messages[changed]?.message,
      'A text comes back as it was sent: white space, letters and length are for the sender to choose.',
    );
    same(heard.messages, messages, 'An acknowledgement is the message itself: its user, its room, its text.');
    same(
      received,
      messages,
      'Every message that is acknowledged is in the list, also one that was said before.',
    );
  });

  it('ends with OK once the client has finished', async () => {
    const { chat } = await server();
    const stub = await calling(ChatService, chat());
    const call = stub.sendAndReceiveMessage(soon());
    const messages = said(ada, 'Hello', 'Goodbye');
    for (const message of messages) call.write(message);
    call.end();
    const heard = await hear(call);
    endedWell(
      heard.ended,
      "The client has finished: the listener for 'end' closes your half with call.end().",
    );
    same(heard.messages, messages, 'Every message is acknowledged before the end.');
  });

  it('keeps what all the clients say in the one list, in the order in which it comes', async () => {
    const { chat } = await server();
    const received: MessageReply[] = [];
    const address = await serving(ChatService.service, chat(received));
    const calls = [ada, grace].map((sender) => ({
      sender,
      call: stubAt(ChatService, address).sendAndReceiveMessage(soon()),
    }));
    const expected: MessageRequest[] = [];
    for (const message of ['Hello', 'Goodbye']) {
      for (const { sender, call } of calls) {
        call.write({ ...sender, message });
        expected.push({ ...sender, message });
        const ended = await Promise.race([
          once(call, 'data').then(() => undefined),
          new Promise<StatusObject>((resolve) => call.once('status', resolve)),
        ]).catch((error: StatusObject) => error);
        endedWell(ended, 'Each client gets its own acknowledgements, and at once.');
      }
    }
    same(
      received,
      expected,
      'Push each message to the list `received` that chat() was given, and make no list of your own.',
    );
    for (const { call } of calls) call.end();
  });

  it('does not read on from a client that sends and does not read', async () => {
    const { chat } = await server();
    const received: MessageReply[] = [];
    const address = await serving(ChatService.service, chat(received));
    const another = bystander(stubAt(ChatService, address));
    const call = stubAt(ChatService, address).sendAndReceiveMessage(soon(3));
    call.on('error', () => {});
    // Only a client that has begun to read can stop reading.
    call.once('data', () => call.pause());
    const many = 1_000;
    // Each is as long as a message may be.
    const text = (index: number): string => String(index).padEnd(4_000, '.');
    for (let index = 0; index < many; index += 1) call.write({ ...ada, message: text(index) });
    const read = (): number => received.filter(({ user_from }) => user_from === ada.user_from).length;
    await untilStill(read, another);
    must(read() < many, {
      expected: 'the server to stop reading from a client that does not take its acknowledgements',
      came: `all of ${many} messages read, and their acknowledgements piled up in the server's memory`,
      advice:
        'Keep what stands below Step 1: when call.writableNeedDrain is true, pause the call until drain.',
    });
    const heard: string[] = [];
    call.on('data', ({ message }: MessageReply) => heard.push(message!.slice(0, 4)));
    call.resume();
    call.end();
    const again =
      'The client reads again, so the server must go on as well: resume the call at its event drain.';
    // Eight megabytes: on a busy machine that takes its time.
    const ended = await within(
      new Promise<StatusObject>((resolve) => call.on('status', resolve)),
      {
        expected: 'the server to read on once its acknowledgements go out again',
        came: 'nothing more',
        advice: again,
      },
      2,
    );
    endedWell(ended, again);
    // The first one has come before anybody listened.
    same(
      heard.length,
      many - 1,
      'Once the client reads again, every message is acknowledged, and then the call ends.',
    );
    const first = heard.findIndex((beginning, index) => beginning !== text(index + 1).slice(0, 4));
    same(first, -1, 'The acknowledgements come in the order of the messages.');
  });
});

describe('Step 2 · Refuse what is empty or too long', () => {
  const fields = ['user_from', 'chat_room', 'message'] as const;
  const wrong = fields.flatMap((field) => [
    [field, 'empty', ''] as const,
    [field, 'too long', 'x'.repeat(4_001)] as const,
  ]);

  it.each(wrong)('ends the stream with INVALID_ARGUMENT when %s is %s', async (field, _how, value) => {
    const { chat } = await server();
    const stub = await calling(ChatService, chat());
    const call = stub.sendAndReceiveMessage(soon());
    call.write({ ...ada, message: 'Hello', [field]: value });
    const { messages, ended } = await hear(call, 1);
    const expected = `the stream to end with INVALID_ARGUMENT, naming ${field}`;
    must(ended, {
      expected,
      came: `an acknowledgement of ${inspect(messages[0]?.[field], { maxStringLength: 20 })}`,
      advice: 'What is refused is not acknowledged.',
    });
    must(ended.code === status.INVALID_ARGUMENT, {
      expected,
      came:
        ended.code === status.DEADLINE_EXCEEDED
          ? 'nothing, until the deadline passed (DEADLINE_EXCEEDED)'
          : `${status[ended.code]}: ${ended.details}`,
      advice: "invalidArgument(field, description) makes the status, and call.emit('error', …) sends it.",
    });
    const { violations } = detailsOf(ended);
    const named = violations.map((violation) => violation.field);
    must(named.includes(field), {
      expected: `${expected} for programs as well, in the trailers`,
      came:
        named.length === 0
          ? `${status[ended.code]}: ${ended.details}, and no field for programs`
          : `'${named.join("', '")}' as the name of the field`,
      advice: 'Make the status with invalidArgument(field, description): the name of the field comes first.',
    });
    // The name once, and then what the matter is with it.
    must(ended.details.startsWith(`${field} must not be`), {
      expected: `details that read like a sentence: ${field} must not be …`,
      came: ended.details,
      advice:
        'invalidArgument(field, description) puts the name before the description: hand it both as they are.',
    });
  });

  it('keeps what was acknowledged before, and nothing that comes after', async () => {
    const { chat } = await server();
    const received: MessageReply[] = [];
    const address = await serving(ChatService.service, chat(received));
    const another = bystander(stubAt(ChatService, address));
    await another(1);
    const accepted = ['Hello', 'How are you?'];
    const messages = said(ada, ...accepted, '', 'one more', 'and one more');
    // The acknowledgements wait in the server until this client reads, and the status waits behind them: meanwhile a
    // server that reads on comes to the messages behind the refused one.
    const call = stalledAt(address, ChatService.service.SendAndReceiveMessage, ...messages);
    await another(20);
    const { ended } = await call.read();
    must(ended?.code === status.INVALID_ARGUMENT, {
      expected: 'the stream to end with INVALID_ARGUMENT when an empty message follows good ones',
      came: ended ? `${status[ended.code]}: ${ended.details}` : 'no status',
      advice: "call.emit('error', …) ends this call, and no other.",
    });
    // Whoever is not concerned goes on.
    await another(1);
    const texts = textsOf(received.filter(({ user_from }) => user_from === 'Ada'));
    const keptRefused = texts.includes('');
    must(!keptRefused && !texts.includes('one more'), {
      expected: 'nothing to be kept from the refused message on',
      came: keptRefused ? 'the refused message in the list' : 'messages that stood behind it in the list',
      advice: keptRefused
        ? 'What is refused is not pushed to the list.'
        : 'Your listener is called for what is still under way: pause the call when you refuse.',
    });
    same(
      texts.length,
      accepted.length,
      'What was acknowledged before the refused message stays in the list.',
    );
  });
});

const statsFrom = (stub: ChatServiceClient): Promise<StatsReply__Output> =>
  replyTo<StatsReply__Output>(
    (options, done) => stub.getStats({}, options, done),
    'A unary call is answered by its callback: callback(null, { num_messages: … }).',
  );

describe('Step 3 · Count what was received', () => {
  it('says how many messages there are at the moment of the call', async () => {
    const { chat } = await server();
    const received: MessageReply[] = [];
    const stub = await calling(ChatService, chat(received));
    const advice =
      'The number is the length of the list `received`, looked up anew for each call; its field is num_messages.';
    same(await statsFrom(stub), { num_messages: 0 }, advice);
    received.push(...said(ada, 'Hello', 'Hello'));
    same(await statsFrom(stub), { num_messages: 2 }, advice);
    received.push(...said(grace, 'Goodbye'));
    same(await statsFrom(stub), { num_messages: 3 }, advice);
  });
});

/** Says where a long history first differs from the list. */
const toldInFull = (came: MessageReply[], asked: MessageReply[]): void => {
  const named = (message: MessageReply | undefined): string =>
    message ? `'${message.message?.replace(/\.+$/, '')}'` : 'no message';
  const longest = Math.max(came.length, asked.length);
  for (let index = 0; index < longest; index += 1) {
    must(came[index]?.message === asked[index]?.message, {
      expected: `${named(asked[index])} as message ${index + 1} of ${asked.length}`,
      came: named(came[index]),
      advice: 'Write each message of the list once, from the first to the last, as it is.',
    });
  }
};

describe('Step 4 · Stream the history', () => {
  const unended =
    'After the last message comes call.end(). And the event drain comes only behind a call.write() that has returned false.';

  it('streams every message in order, and ends', async () => {
    const { chat } = await server();
    const received = [...said(ada, 'Hello', 'Goodbye'), ...said(grace, 'Hello')];
    const stub = await calling(ChatService, chat([...received]));
    const advice = 'Write each message of the list, from the first to the last, as it is.';
    // The second reader gets all of it as well.
    for (const reader of [1, 2]) {
      const { messages, ended } = await hear(stub.getMessages({}, soon()));
      endedWell(ended, unended);
      same(messages, received, reader === 1 ? advice : 'Reading the history must not use it up.');
    }
  });

  it('ends at once when there is nothing to tell', async () => {
    const { chat } = await server();
    const stub = await calling(ChatService, chat());
    const { messages, ended } = await hear(stub.getMessages({}, soon()));
    endedWell(ended, unended);
    same(messages, [], 'No message was received, so there is none in the history.');
  });

  it('tells what there was when it was asked, and writes no more of it than the reader takes', async () => {
    const { chat } = await server();
    const asked = said(ada, ...Array.from({ length: 100 }, (_, index) => `message ${index + 1}`));
    const received = [...asked];
    const { GetMessages } = chat(received);
    const opened = signal<Parameters<typeof GetMessages>[0]>();
    const address = await serving(ChatService.service, {
      GetMessages: ((call) => {
        opened.send(call);
        return GetMessages(call);
      }) satisfies ChatServiceHandlers['GetMessages'],
    });
    const peer = stalledAt(address, ChatService.service.GetMessages, {});
    const call = await within(opened.sent, {
      expected: 'the call to reach your handler',
      came: 'nothing',
      advice: 'Does chat() return a handler GetMessages?',
    });
    await nextTurn();
    const waiting = call.writableLength;
    // Others go on talking while the reader takes its time.
    received.push(...said(grace, 'too late', 'too late as well'));
    const { messages, ended } = await peer.read();
    must(ended, {
      expected: 'the rest of the history once the reader goes on, and then the end',
      came: `${messages.length} of ${asked.length} messages, and no end`,
      advice: unended,
    });
    endedWell(ended, unended);
    const late = textsOf(messages).filter((text) => text?.startsWith('too late'));
    same(late, [], 'The list has grown while you waited. Loop over a copy of it, [...received].');
    toldInFull(messages, asked);
    must(waiting <= call.writableHighWaterMark, {
      expected: `at most ${call.writableHighWaterMark} messages to wait in the server's memory for a reader that does not read: from then on, call.write() returns false`,
      came: `${waiting} of ${asked.length}`,
      advice:
        'When call.write() returns false, wait for the event drain, and then go on with the next message.',
    });
  });

  it('streams a long history in full to a reader that pauses, and bears one that leaves', async () => {
    const { chat } = await server();
    const received = said(
      ada,
      ...Array.from({ length: 1_000 }, (_, index) => String(index).padEnd(1_000, '.')),
    );
    const stub = await calling(ChatService, chat([...received]));
    const { messages: few } = await hear(stub.getMessages({}, soon(2)), 10);
    same(few, received.slice(0, 10), 'Write each message of the list, from the first to the last, as it is.');
    const call = stub.getMessages({}, soon(2));
    call.once('data', () => {
      call.pause();
      setImmediate(() => call.resume());
    });
    const { messages, ended } = await hear(call);
    endedWell(
      ended,
      'When call.write() returns false, wait for the event drain, and then go on with the next message.',
    );
    toldInFull(messages, received);
  });
});

/**
 * A second loop over a call would show one time and not another: up to Node.js 22 it finds a call that has ended closed, and
 * from 24 on it ends in silence. Here it always fails.
 */
const heardOnce = (stub: ChatServiceClient): ChatServiceClient => {
  const open = stub.sendAndReceiveMessage;
  stub.sendAndReceiveMessage = () => {
    const call = open.call(stub);
    const read = call[Symbol.asyncIterator];
    let loops = 0;
    call[Symbol.asyncIterator] = () => {
      loops += 1;
      must(loops === 1, {
        expected: 'the call to be read by one loop',
        came: 'a second loop over the same call',
        advice: 'hear() was called twice. Start it once and keep its promise: const over = hear();',
      });
      return read.call(call);
    };
    return call;
  };
  return stub;
};

describe('Step 5 · Send and hear until the server ends it', () => {
  it('sends each line as it is typed, and hears its acknowledgement before the next', async () => {
    const { chat } = await client();
    const came: MessageRequest[] = [];
    const stub = await calling(ChatService, {
      SendAndReceiveMessage: ((call) => {
        call.on('data', (message: MessageRequest__Output) => came.push(message));
        acknowledging(call);
      }) satisfies Chat,
    });
    // Nothing is a line too, and what is typed is for the person to choose.
    const texts = ['Hello', '', ...awkwardTexts];
    const lines = namesOf(texts[0]!, '/nothing', ...texts.slice(1));
    const printed: string[] = [];
    const answered = signal();
    const over = chat(heardOnce(stub), ada, lines.typed, (line) => {
      printed.push(String(line));
      lines.next();
      answered.send();
    });
    lines.next();
    await within(Promise.race([answered.sent, over]), {
      expected: 'the first acknowledgement to be printed: the next line is typed only after that',
      came: 'nothing',
      advice: 'Do both at the same time: start hear() before you wait for send().',
    });
    await settled(
      over,
      'A line is typed when the one before is answered. Is every line said, an empty one too, and does call.end() follow the last one?',
    );
    same(
      came,
      said(ada, ...texts),
      'Each line is said with say(line), as it is; one that begins with a slash is a command, for run(line).',
    );
    same(printed.length, texts.length + 1, 'Each line gets one line in answer.');
  });

  it('says that it has finished after the last line, and still hears what comes', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, {
      SendAndReceiveMessage: ((call) => {
        const messages: MessageRequest__Output[] = [];
        call.on('data', (message: MessageRequest__Output) => messages.push(message));
        call.on('end', () => {
          for (const message of messages) call.write(message);
          call.end();
        });
      }) satisfies Chat,
    });
    const lines = namesOf('Hello', 'Goodbye');
    const printed: string[] = [];
    lines.all();
    await settled(
      chat(heardOnce(stub), ada, lines.typed, (line) => printed.push(String(line))),
      'The server waits for your half-close: is call.end() missing after the loop?',
    );
    must(printed.length === 2 && printed[0]!.includes('Hello') && printed[1]!.includes('Goodbye'), {
      expected: 'both acknowledgements, which come after the half-close',
      came: `${printed.length} of them before chat() returned`,
      advice: 'The server ends the call, not you: wait for hear() as well when send() has finished.',
    });
  });

  it('runs a command when all that was said before is acknowledged, and takes the next line after that', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, { SendAndReceiveMessage: acknowledging });
    const printed: string[] = [];
    let before: string[] = [];
    async function* typed(): AsyncGenerator<string, void> {
      yield 'Hello';
      yield '/nothing';
      before = [...printed];
      yield 'Goodbye';
    }
    await settled(
      chat(heardOnce(stub), ada, typed(), (line) => printed.push(String(line))),
      'Do send() and hear() run at the same time, and does call.end() follow the last line?',
    );
    const [first, second] = before;
    must(first?.includes('Hello') && second !== undefined, {
      expected:
        'the acknowledgement of what was said before /nothing to be printed, then what the command prints, and only then the next line to be taken',
      came:
        first === undefined
          ? 'the next line taken at once'
          : `the next line taken when this was printed: ${JSON.stringify(before)}`,
      advice:
        first === undefined
          ? 'Await run(line) before you go on to the next line.'
          : 'Hand a command to run(line), which waits for the acknowledgements. command() would not.',
    });
  });

  it('takes the next line only when the server lets it send more', async () => {
    const { chat } = await client();
    const opened = signal<Parameters<Chat>[0]>();
    const stub = await calling(ChatService, { SendAndReceiveMessage: opened.send satisfies Chat });
    // Far more than may be under way while the server does not read.
    const many = 1_000;
    let taken = 0;
    async function* typed(): AsyncGenerator<string, void> {
      while (taken < many) {
        taken += 1;
        yield String(taken).padEnd(4_000, '.');
      }
    }
    let heard = 0;
    const over = chat(heardOnce(stub), ada, typed(), () => (heard += 1));
    const never = 'Is every line said with say(line), and does call.end() follow the last one?';
    const call = await Promise.race([
      settled(over, never).then(() => undefined),
      settled(opened.sent, never),
    ]);
    const ahead = taken;
    if (call) acknowledging(call);
    await settled(over, never);
    same(heard, many, 'Each line is said, and each acknowledgement is heard.');
    must(ahead < many, {
      expected:
        'a line to be taken only when the one before could be sent, and this server has not read any yet',
      came: `all ${many} lines taken at once, and kept in the client's memory`,
      advice: 'Await say(line): its promise makes you wait for a server that reads slowly.',
    });
  });

  it('fails when sending fails: nobody would hear of it otherwise', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, { SendAndReceiveMessage: acknowledging });
    const failure = new Error('there is no next line, the keyboard is gone');
    async function* typed(): AsyncGenerator<string, void> {
      yield 'Hello';
      throw failure;
    }
    let came: unknown = 'no failure: it returned';
    try {
      await settled(
        chat(heardOnce(stub), ada, typed(), () => {}),
        'Sending has failed, so no half-close will come, and hear() waits for ever.',
      );
    } catch (error) {
      came = error;
    }
    must(came === failure, {
      expected:
        'chat() to fail with the error of send(): its promise must be raced or awaited, not left alone',
      came: came instanceof CheckFailure ? came.came : String(came),
      advice: 'Race both: await Promise.race([over, send()]);',
    });
  });

  it('fails when a command fails', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, {
      SendAndReceiveMessage: acknowledging,
      GetStats: ((_call, callback) =>
        callback({
          code: status.RESOURCE_EXHAUSTED,
          details: 'too many ask',
        })) satisfies ChatServiceHandlers['GetStats'],
    });
    const lines = namesOf('/stats');
    lines.all();
    const advice = 'Await run(line): when a command fails, sending fails, and chat() with it.';
    // How it fails is for the step of the commands.
    const came = await within(
      chat(heardOnce(stub), ada, lines.typed, () => {}).then(
        () => 'it returned',
        () => undefined,
      ),
      {
        expected: 'chat() to fail when a command is refused',
        came: 'nothing: its promise is still open',
        advice,
      },
    );
    must(came === undefined, {
      expected: 'chat() to fail when a command is refused',
      came: came ?? '',
      advice,
    });
  });

  it('fails with the status when the server refuses, even while a person is being asked', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, { SendAndReceiveMessage: refusing });
    const lines = namesOf('Hello', 'never typed');
    lines.next();
    await rejectedWith(
      chat(heardOnce(stub), ada, lines.typed, () => {}),
      status.INVALID_ARGUMENT,
    );
  });

  it('returns when the server ends the call, even while a person is being asked', async () => {
    const { chat } = await client();
    const stub = await calling(ChatService, {
      SendAndReceiveMessage: ((call) => {
        call.once('data', () => call.end());
      }) satisfies Chat,
    });
    const lines = namesOf('Hello', 'never typed');
    lines.next();
    await settled(
      chat(heardOnce(stub), ada, lines.typed, () => {}),
      'The call is over, and the next line may never be typed: wait for whichever of send() and hear() is first, with Promise.race([…]).',
    );
  });
});

describe('Step 6 · Ask for the stats and the history', () => {
  const history = [
    ...said(ada, ...Array.from({ length: 20 }, (_, index) => `message ${index}`)),
    ...said(grace, 'Goodbye'),
  ];
  const refusal = { code: status.RESOURCE_EXHAUSTED, details: 'not today' };

  it('prints the number of messages for /stats', async () => {
    const { command } = await client();
    for (const count of [0, integer(1_000, 9_999)]) {
      const stub = await calling(ChatService, {
        GetStats: ((_call, callback) =>
          callback(null, { num_messages: count })) satisfies ChatServiceHandlers['GetStats'],
        GetMessages: ((call) => call.end()) satisfies ChatServiceHandlers['GetMessages'],
      });
      const printed: string[] = [];
      await settled(
        command(stub, '/stats', (line) => printed.push(String(line))),
        'Call stub.getStats, and resolve or reject in its callback.',
      );
      // 4,711 and 4.711 say so as well as 4711 does.
      const plain = printed.map((line) => line.replaceAll(/(?<=\d)[\s.,'’_](?=\d{3})/g, ''));
      must(printed.length === 1 && plain[0]!.includes(String(count)), {
        expected: `one line that says how many messages there are: ${count}`,
        came: JSON.stringify(printed),
        advice: 'Print num_messages of the reply to stub.getStats, and return only after that.',
      });
    }
  });

  it('prints each message of the history as it comes, and returns at its end', async () => {
    const { command } = await client();
    const second = signal();
    const stub = await calling(ChatService, {
      GetMessages: ((call) => {
        call.write(history[0]!);
        void second.sent.then(() => {
          for (const message of history.slice(1)) call.write(message);
          call.end();
        });
      }) satisfies ChatServiceHandlers['GetMessages'],
    });
    const printed: string[] = [];
    await settled(
      command(stub, '/history', (line) => {
        printed.push(String(line));
        second.send();
      }),
      'The second message is sent when the first is printed. Print inside the loop over stub.getMessages, not after it.',
    );
    const right = history.every(({ user_from, chat_room, message }, index) =>
      [user_from, chat_room, message].every((text) => printed[index]?.includes(text!)),
    );
    must(printed.length === history.length && right, {
      expected: 'one line for each message, with its user, its room and its text, in order',
      came: JSON.stringify(printed),
      advice: 'Print shown(reply) for each reply.',
    });
  });

  it('lets no message of the history move the cursor', async () => {
    const { command } = await client();
    const stub = await calling(ChatService, {
      GetMessages: ((call) => {
        for (const message of said(grace, 'all\u001B[2Jgone', 'two\nlines')) call.write(message);
        call.end();
      }) satisfies ChatServiceHandlers['GetMessages'],
    });
    const printed: string[] = [];
    await settled(
      command(stub, '/history', (line) => printed.push(String(line))),
      'The server has ended the history.',
    );
    must(!/\p{Cc}/u.test(printed.join('')), {
      expected: 'a space in place of each control character that others have typed',
      came: JSON.stringify(printed),
      advice: 'Print shown(reply): it takes them out.',
    });
  });

  it.each(['/stats', '/history'])('fails with the status when %s is refused', async (name) => {
    const { command } = await client();
    const stub = await calling(ChatService, {
      GetStats: ((_call, callback) => callback(refusal)) satisfies ChatServiceHandlers['GetStats'],
      GetMessages: ((call) => {
        call.emit('error', refusal);
      }) satisfies ChatServiceHandlers['GetMessages'],
    });
    await rejectedWith(
      command(stub, name, () => {}),
      status.RESOURCE_EXHAUSTED,
    );
  });

  it.each(['/stats', '/history'])('sets a deadline for %s', async (name) => {
    const { command } = await client();
    let deadline: Date | number = Infinity;
    const stub = await calling(ChatService, {
      GetStats: ((call, callback) => {
        deadline = call.getDeadline();
        callback(null, { num_messages: 0 });
      }) satisfies ChatServiceHandlers['GetStats'],
      GetMessages: ((call) => {
        deadline = call.getDeadline();
        call.end();
      }) satisfies ChatServiceHandlers['GetMessages'],
    });
    await settled(
      command(stub, name, () => {}),
      'The server has answered: resolve.',
    );
    const left = Number(deadline) - Date.now();
    must(left < 60_000, {
      expected: 'the call to carry a deadline of at most a minute',
      came: Number.isFinite(left) ? `one of ${Math.round(left / 1000)} seconds` : 'a call without a deadline',
      advice: 'Hand `options` to the call, behind the request.',
    });
  });
});

describe('Both halves together', () => {
  it('lets two people chat at once, and tells each of them about both', async () => {
    const { start } = await server();
    const { chat } = await client();
    const address = await started(() => start('127.0.0.1:0'));
    const chatsOf = (sender: typeof ada, lines: string[]): Promise<string[]> => {
      const printed: string[] = [];
      const typist = namesOf(...lines);
      typist.all();
      return settled(
        chat(stubAt(ChatService, address), sender, typist.typed, (line) => printed.push(String(line))),
        'One half waits for the other: does each close its half?',
      ).then(() => printed);
    };
    const [fromAda, fromGrace] = await Promise.all([
      chatsOf(ada, ['Hello', 'Goodbye']),
      chatsOf(grace, ['Is anybody here?']),
    ]);
    const advice = 'Each half passes alone: look at what goes over the wire with npm run lesson:5.';
    same([fromAda.length, fromGrace.length], [2, 1], advice);
    const [acknowledged, stats, ...history] = await chatsOf(ada, ['I am back', '/stats', '/history']);
    must(acknowledged?.includes('I am back') && stats?.includes('4'), {
      expected: 'an acknowledgement, and then the number of all four messages',
      came: `${[acknowledged, stats].filter(Boolean).join(', and then ') || 'nothing'}`,
      advice,
    });
    same(history.length, 4, advice);
    must(history[3]!.includes('I am back'), {
      expected: 'the history to end with what was said last',
      came: history[3]!,
      advice,
    });
  });
});
