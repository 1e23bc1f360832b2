import { inspect } from 'node:util';
import { status, type Deadline } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { MessageReply } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest, MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import type { StatsReply__Output } from '#protos/generated/chat/StatsReply.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { textProblem } from '#shared/grpc/text-limits.ts';
import { endedWell, hear, inWords, rejectedWith, replyTo, settled, soon } from '#kit/calls.ts';
import { chatRun, commandFails, commandRun } from '#kit/chat/client-run.ts';
import { acknowledging, type Chat, type Handlers } from '#kit/chat/handlers.ts';
import { firstUntold, saysNumber, toldInFull, watchedHistory } from '#kit/chat/history.ts';
import { ada, grace, numbered, said, speaker, stalledSpeaker, textsOf, typing } from '#kit/chat/people.ts';
import { everywhere, fieldTexts, someone } from '#kit/chat/texts.ts';
import { must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { moveTimeOn } from '#kit/fake-time.ts';
import { serving, started, stubAt } from '#kit/peers.ts';
import { namesOf, signal } from '#kit/awaited-events.ts';
import { stalledAt } from '#kit/stalled-reader.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;
const server = () => import('#answers/05-chat/server.ts');
const client = () => import('#answers/05-chat/client.ts');

/** Brings up the server's handlers with a list that has these messages. */
const served = async (...messages: MessageReply[]) => {
  const { chat } = await server();
  const received = [...messages];
  const address = await serving(ChatService.service, chat(received));
  return { received, address, stub: stubAt(ChatService, address) };
};

describe('Step 1 · Acknowledge each message', () => {
  it('gives each message back before the next one is sent, and ends with OK when the client has finished', async () => {
    const { received, stub } = await served();
    const messages = [...said(someone(), 'Hello'), ...everywhere];
    const call = stub.sendAndReceiveMessage(soon());
    let sent = 0;
    const sendNext = (): void => {
      const message = messages[sent++];
      if (sent < messages.length) call.write(message!);
      else if (message) call.end(message);
    };
    call.on('data', sendNext);
    sendNext();
    const heard = await hear(call);
    const never = 'Write each acknowledgement in the listener for data, as soon as its message has come.';
    const unended = "The client has finished: the listener for 'end' closes your half with call.end().";
    endedWell(heard.ended, heard.messages.length < messages.length ? never : unended);
    const advice = 'Each message comes back, as it is. Only the listener for end closes your half.';
    same(heard.messages, messages, advice);
    same(received, messages, 'Push each to `received`, then acknowledge it: also one that was said before.');
  });

  it('keeps what all the clients say in the one list, in the order in which it comes', async () => {
    const before = numbered(20_000);
    const { received, address } = await served(...before);
    const words = ['Hello', 'Goodbye'];
    const people = [ada, grace].map((sender) => ({ sender, ...speaker(address, sender) }));
    for (const text of words) for (const { say } of people) await say(text);
    for (const { sender, heard } of people) {
      same(heard, said(sender, ...words), 'Each client gets its own acknowledgements, and no others.');
    }
    const all = words.flatMap((text) => [...said(ada, text), ...said(grace, text)]);
    const kept = received.filter(({ message }) => words.includes(message!));
    same(kept, all, 'Push before you acknowledge, in the listener itself; and make no list of your own.');
    same(received.length, before.length + all.length, 'The oldest stay too: take nothing out of the list.');
  });

  it('does not read on from a client that sends and does not read', async () => {
    const { received, address } = await served();
    const another = speaker(address, grace);
    const messages = numbered(1_000);
    const reader = await stalledSpeaker(address, messages);
    const kept = () => textsOf(received.filter(({ user_from }) => user_from === ada.user_from));
    for (let before = -1; before !== kept().length;) {
      before = kept().length;
      await another.say('still there?', 20);
    }
    const atOnce = 'Push it in the listener itself: its acknowledgement may have to wait, for a slow client.';
    same(kept().slice(0, 1), textsOf(messages.slice(0, 1)), atOnce);
    must(kept().length < messages.length, {
      expected: 'the server to stop reading from a client that does not take its acknowledgements',
      came: `all of ${messages.length} messages read, and their acknowledgements piled up in the server's memory`,
      advice:
        'Keep what stands below Step 1: when call.writableNeedDrain is true, pause the call until drain.',
    });
    const heard = textsOf((await reader.read()).messages);
    same(heard, textsOf(messages), 'The client reads again: resume the call at its event drain.');
    same(kept(), heard, 'What is acknowledged is in the list, whatever call.write() returns.');
  });
});

describe('Step 2 · Refuse what is empty or too long', () => {
  const wrong = (['user_from', 'chat_room', 'message'] as const).flatMap((field) => [
    [field, 'empty', ''] as const,
    [field, 'too long', 'x'.repeat(4_001)] as const,
  ]);

  it.each(wrong)('ends the stream with INVALID_ARGUMENT when %s is %s', async (field, _how, value) => {
    const { address, stub } = await served();
    const words = `${field} ${textProblem(value, { max: 4_000 })}`;
    const call = stub.sendAndReceiveMessage(soon());
    call.write({ ...ada, message: 'Hello', [field]: value });
    const { messages, ended } = await hear(call, 1);
    const acknowledged = `an acknowledgement of ${inspect(messages[0]?.[field], { maxStringLength: 20 })}`;
    const never =
      ended?.code === status.DEADLINE_EXCEEDED && 'nothing, until the deadline passed (DEADLINE_EXCEEDED)';
    const forPrograms = ended ? detailsOf(ended).violations.map((violation) => violation.field) : [];
    const named = ended?.code === status.INVALID_ARGUMENT && forPrograms.includes(field);
    // The name once, and then what the matter is with it.
    must(named && ended.details === words, {
      expected: `INVALID_ARGUMENT: ${words}, and for programs the field ${field}`,
      came: ended
        ? never || `${inWords(ended)}, and for programs ${forPrograms.join() || 'no field'}`
        : acknowledged,
      advice:
        "call.emit('error', …) sends what invalidArgument(field, description) makes of both properties of `problem`, the name first. Acknowledge nothing then.",
    });
    await speaker(address, grace).say('not concerned');
  });

  it('keeps what was acknowledged before, and nothing that comes after', async () => {
    for (const behind of [['one more'], []]) {
      const { received, address } = await served();
      const another = speaker(address, grace);
      await another.say('Hello');
      const accepted = ['Hello', 'How are you?'];
      // The acknowledgements wait in the server until this client reads, and the status waits behind them: meanwhile a
      // server that reads on comes to the messages behind the refused one.
      const refused = signal();
      const late = said(ada, 'and one more');
      const call = await stalledSpeaker(address, [
        ...said(ada, ...accepted, '', ...behind),
        refused.sent,
        ...late,
      ]);
      await another.say('still there?', 20);
      refused.send();
      await another.say('still there?', 20);
      const { ended } = await call.read();
      must(ended?.code === status.INVALID_ARGUMENT, {
        expected: 'the stream to end with INVALID_ARGUMENT when an empty message follows good ones',
        came: ended ? inWords(ended) : 'no status',
        advice: "call.emit('error', …) ends this call, and no other.",
      });
      // Whoever is not concerned goes on.
      await another.say('still there?');
      const kept = textsOf(received.filter(({ user_from }) => user_from === ada.user_from));
      const advice = kept.includes('')
        ? 'What is refused is not pushed to the list.'
        : 'What came before stays in the list. What is still under way comes to your listener, at once or later: pause the call.';
      same(kept, accepted, advice);
    }
  });
});

describe('Step 3 · Count what was received', () => {
  it('says how many messages there are at the moment of the call', async () => {
    const { received, stub } = await served();
    for (const more of [[], said(ada, 'Hello', 'Hello'), everywhere, numbered(20_000)]) {
      received.push(...more);
      const num_messages = received.length;
      const reply = await replyTo<StatsReply__Output>(
        (options, done) => stub.getStats({}, options, done),
        'A unary call is answered by its callback: callback(null, { num_messages: … }).',
      );
      const advice =
        'The number is the length of the list `received`, whatever is in it, looked up anew for each call; its field is num_messages.';
      same(reply, { num_messages }, advice);
      same(received.length, num_messages, 'Asking for the number must not use the list up.');
    }
  });
});

describe('Step 4 · Stream the history', () => {
  const unended =
    'After the last message comes call.end(). And the event drain comes only behind a call.write() that has returned false.';

  it.each([
    ['every message in order', [...said(ada, 'Hello', 'Goodbye'), ...said(grace, 'Hello'), ...everywhere]],
    ['nothing when there is nothing to tell', []],
  ])('streams %s, and ends', async (_what, history) => {
    const { stub } = await served(...history);
    // The second reader gets all of it as well.
    for (const advice of [undefined, 'Reading the history must not use it up.']) {
      const { messages, ended } = await hear(stub.getMessages({}, soon()));
      endedWell(ended, unended);
      toldInFull(messages, history, advice);
    }
  });

  it('tells what there was when it was asked, and writes no more of it than the reader takes', async () => {
    const { chat } = await server();
    const asked = textsOf(numbered(100));
    const received = numbered(100);
    const { GetMessages } = chat(received);
    const opened = signal<ReturnType<typeof watchedHistory>>();
    const address = await serving(ChatService.service, {
      GetMessages: (call) => {
        opened.send(watchedHistory(call));
        return GetMessages(call);
      },
    } satisfies Handlers);
    const peer = stalledAt(address, ChatService.service.GetMessages, {});
    const judgeWaiting = await settled(opened.sent, 'Does the call reach GetMessages?');
    // Others go on talking while the reader takes its time.
    received.push(...said(grace, 'too late', 'too late as well'));
    const { messages, ended } = await peer.read();
    const texts = textsOf(messages);
    const late = texts.filter((text) => !asked.includes(text));
    same(late, [], 'The list has grown while you waited. Loop over a copy of it, [...received].');
    toldInFull(texts, asked, ended ? undefined : unended);
    judgeWaiting(asked.length);
  });

  it('streams a long history in full to a reader that pauses, and bears one that leaves', async () => {
    const history = numbered(1_000, 1_000);
    const { stub } = await served(...history);
    const { messages: few } = await hear(stub.getMessages({}, soon(2)), 10);
    toldInFull(few, history.slice(0, 10));
    const call = stub.getMessages({}, soon(2));
    call.once('data', () => {
      call.pause();
      setImmediate(() => call.resume());
    });
    const { messages, ended } = await hear(call);
    endedWell(ended, unended);
    toldInFull(messages, history);
  });
});

describe('Step 5 · Send and hear until the server ends it', () => {
  const atOnce = 'Do send() and hear() run at the same time, and does call.end() follow the last line?';

  it('sends each line as it is typed, and hears its acknowledgement before the next', async () => {
    const came: MessageRequest[] = [];
    const keeping: Chat = (call) => {
      call.on('data', (message: MessageRequest__Output) => came.push(message));
      acknowledging(call);
    };
    const sender = someone();
    // Nothing is a line too, and what is typed is for the person to choose.
    const odd = '/no Such  thing/ ';
    const messages = ['Hello', '', ...fieldTexts.filter((text) => !text.startsWith('/'))];
    const lines = namesOf(odd, ...messages);
    const run = await chatRun(await client(), keeping, lines.typed, sender, lines.next);
    const { printed } = run;
    lines.next();
    const asked =
      'The next line is typed when one is answered: do you start hear() before you wait for send()? Is every line said, an empty one too, and does call.end() follow the last one?';
    await run.endedWithoutCommand(asked);
    const advice =
      'Each line is said with say(line), as it is. One that begins with a slash is for run(line).';
    same(came, said(sender, ...messages), advice);
    same(printed.length, came.length + 1, 'Each line gets one line in answer.');
    const ran = printed[0]!.includes(odd) ? odd : printed[0];
    same(ran, odd, 'run(line) gets the line as it was typed.');
    run.unlimited();
  });

  it('says that it has finished after the last line, and still hears what comes', async () => {
    const answeringLate: Chat = (call) => {
      const messages: MessageRequest__Output[] = [];
      call.on('data', (message: MessageRequest__Output) => messages.push(message));
      call.on('end', () => {
        for (const message of messages) call.write(message);
        call.end();
      });
    };
    const { over, printed } = await chatRun(await client(), answeringLate, typing('Hello', 'Goodbye'));
    await settled(over, 'The server waits for your half-close: is call.end() missing after the loop?');
    const advice =
      'The acknowledgements come after your half-close, and then the server ends the call: wait for hear() as well.';
    same(printed.length, 2, advice);
  });

  it('runs a command when all that was said before is acknowledged, and takes the next line after that', async () => {
    let before: string[] = [];
    async function* typed(): AsyncGenerator<string, void> {
      yield* ['Hello', '/nothing'];
      before = [...printed];
      yield 'Goodbye';
    }
    const { over, printed } = await chatRun(await client(), acknowledging, typed());
    await settled(over, atOnce);
    const advice =
      'Await run(line) before you go on: it waits for the acknowledgements, and command() would not.';
    const aboutHello = before.map((line) => line.includes('Hello'));
    same(aboutHello, [true, false], advice);
  });

  it('takes the next line only when the server lets it send more', async () => {
    const opened = signal<Parameters<Chat>[0]>();
    // Far more than may be under way while the server does not read.
    const many = 150;
    let taken = 0;
    async function* typed(): AsyncGenerator<string, void> {
      while (taken < many) yield String((taken += 1)).padEnd(16_000, '.');
    }
    const { over, ended, printed } = await chatRun(await client(), opened.send, typed());
    const call = await settled(Promise.race([over, opened.sent]), atOnce);
    const ahead = taken;
    if (call) acknowledging(call);
    await ended(atOnce);
    same(printed.length, many, 'Each line is said, and each acknowledgement is heard.');
    must(ahead < many, {
      expected: 'a line to be taken only when the one before could be sent: this server has not read any yet',
      came: `all ${many} lines taken at once, and kept in the client's memory`,
      advice: 'Await say(line): its promise makes you wait for a server that reads slowly.',
    });
  });

  const unread = new Error('there is no next line, the keyboard is gone');

  it.each([
    ['the next line cannot be read', ['Hello', unread]],
    ['a command fails', ['/stats']],
  ])('fails when %s: nobody would hear of it otherwise', async (_what, lines) => {
    // The server has no handler for the command. Whether that fails, and how, is for the step of the commands.
    if (!lines.includes(unread) && !(await commandFails(await client(), '/stats'))) return;
    const { over } = await chatRun(await client(), acknowledging, typing(...lines));
    const advice = 'Await run(line) in send(), and race both: await Promise.race([over, send()]);';
    const outcome = over.then(() => 'no failure: it returned').catch((error: unknown) => error);
    const came = await settled(outcome, advice);
    must(came === unread || (came instanceof Error && !lines.includes(unread)), {
      expected: 'chat() to fail when send() does, with the same error',
      came: String(came),
      advice,
    });
  });

  it('fails with the status when the server refuses, even while a person is being asked', async () => {
    const refusal = { code: status.INVALID_ARGUMENT, details: 'message must not be empty' };
    const lines = namesOf('Hello', 'never typed');
    lines.next();
    const refusing: Chat = (call) => call.once('data', () => call.emit('error', refusal));
    await rejectedWith((await chatRun(await client(), refusing, lines.typed)).over, refusal.code);
  });

  it('returns when the server ends the call, even while a person is being asked', async () => {
    const lines = namesOf('Hello', 'never typed');
    lines.next();
    const ending: Chat = (call) => call.once('data', () => call.end());
    const { over } = await chatRun(await client(), ending, lines.typed);
    const advice =
      'The call is over, and the next line may never be typed: wait for whichever of send() and hear() is first, with Promise.race([…]).';
    await settled(over, advice);
  });
});

describe('Step 6 · Ask for the stats and the history', () => {
  it('prints the number of messages for /stats', async () => {
    for (const num_messages of [0, integer(1_000, 9_999)]) {
      const { over, printed } = await commandRun(await client(), '/stats', {
        GetStats: (_call, callback) => callback(null, { num_messages }),
        GetMessages: (call) => call.end(),
      });
      await settled(over, 'Call stub.getStats, and resolve or reject in its callback.');
      must(printed.length === 1 && saysNumber(printed[0], num_messages), {
        expected: `one line that says how many messages there are: ${num_messages}`,
        came: JSON.stringify(printed),
        advice: 'Print num_messages of the reply to stub.getStats, and return only after that.',
      });
    }
  });

  it('prints each message of the history on one line as it comes, and returns at its end', async () => {
    const history = [...numbered(20), ...everywhere, ...said(grace, 'all\u001B[2Jgone')];
    const second = signal();
    let isOver = false;
    const GetMessages: Handlers['GetMessages'] = async (call) => {
      call.write(history[0]!);
      await second.sent;
      for (const message of history.slice(1)) call.write(message);
      call.end();
      isOver = true;
    };
    const { over, printed } = await commandRun(await client(), '/history', { GetMessages }, second.send);
    const inside =
      'The second message is sent when the first is printed: print inside the loop, not after it.';
    await settled(over, inside);
    const moving = printed.filter((line) => /\p{Cc}/u.test(line));
    same(moving, [], 'Print shown(reply): it takes out control characters, which could move the cursor.');
    const untold = firstUntold(history, printed);
    const each = isOver
      ? 'Print one line for each reply, whatever its text is.'
      : 'command() returned before the history was over: wait for its end.';
    same(printed.length, history.length, each);
    must(untold === -1, {
      expected: 'one line for each message, with its user, its room and its text, in order',
      came: `for message ${untold + 1} ${inspect(printed[untold], { maxStringLength: 100 })}`,
      advice: 'Print shown(reply) for each reply.',
    });
  });

  it.each(['/stats', '/history'])('gives %s a deadline, and fails with its status', async (name) => {
    const refusal = { code: status.RESOURCE_EXHAUSTED, details: 'not today' };
    const deadlines: number[] = [];
    const noted = (call: { getDeadline(): Deadline }): typeof refusal => {
      deadlines.push(Number(call.getDeadline()));
      return refusal;
    };
    const refusing: Handlers = {
      GetStats: (call, callback) => callback(noted(call)),
      GetMessages: (call) => call.emit('error', noted(call)),
    };
    await rejectedWith((await commandRun(await client(), name, refusing)).over, refusal.code);
    const left = deadlines[0]! - Date.now();
    must(left < 60_000, {
      expected: 'the call to carry a deadline of at most a minute',
      came: Number.isFinite(left) ? `one of ${Math.round(left / 1000)} seconds` : 'a call without a deadline',
      advice: 'Hand `options` to the call, behind the request.',
    });
    // A deadline that was computed when the file was loaded has passed then.
    moveTimeOn(3_600_000);
    const { over } = await commandRun(await client(), name, refusing);
    const later = await over.catch((error: { code: status }) => status[error.code]);
    same(later, 'RESOURCE_EXHAUSTED', 'Compute the deadline where the call is made, for each call anew.');
  });
});

describe('Both halves together', () => {
  it('lets two people chat at once, and tells each of them about both', async () => {
    const { start } = await server();
    const { chat } = await client();
    const address = await started(() => start('127.0.0.1:0'));
    const chatOf = async (sender: typeof ada, ...lines: string[]): Promise<string[]> => {
      const printed: string[] = [];
      const stub = stubAt(ChatService, address);
      const over = chat(stub, sender, typing(...lines), (line) => printed.push(String(line)));
      await settled(over, 'One half waits for the other: does each close its half?');
      return printed;
    };
    const both = await Promise.all([chatOf(ada, 'Hello', 'Goodbye'), chatOf(grace, 'Is anybody here?')]);
    const advice = 'Each half passes alone: look at what goes over the wire with npm run lesson:5.';
    same([both[0].length, both[1].length], [2, 1], advice);
    const printed = await chatOf(ada, 'I am back', '/stats', '/history');
    const told = printed[0]?.includes('I am back') && printed[1]?.includes('4');
    must(told && printed.length === 6 && printed[5]!.includes('I am back'), {
      expected: 'an acknowledgement, the number of all four messages, and the four, the last one at the end',
      came: JSON.stringify(printed),
      advice,
    });
  });
});
