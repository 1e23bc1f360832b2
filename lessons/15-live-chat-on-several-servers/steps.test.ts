import { renameSync } from 'node:fs';
import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { LogGone, NotInLog, type ChatLog, type Ends } from '#shared/chat-log/chat-log.ts';
import { Person, type Place } from '#shared/chat-log/listeners.ts';
import { becomes, begun } from '#kit/time-limits.ts';
import { rejectedWith, settled, soon } from '#kit/calls.ts';
import {
  afterOf,
  came,
  listenerOf,
  play,
  serverOfCheck,
  threeServers,
  turnByTurn,
} from '#kit/chat-log/peers.ts';
import {
  awkwardMessages,
  beginsAt,
  ChatService,
  eachCall,
  heldAppends,
  linesIn,
  logAt,
  newFile,
  okWith,
  sent,
  someEnds,
  someMessages,
  startedTogether,
  subscribed,
  twoLogs,
  watched,
  watchedReads,
  written,
} from '#kit/chat-log/servers.ts';
import { must, same } from '#kit/check-failure.ts';
import { awkwardTexts, everyFailure, integer, oneOf } from '#kit/random-inputs.ts';
import { expectFault } from '#kit/expected-faults.ts';
import { healthAtWork } from '#kit/health/health-service.ts';
import { bothEnds, endedWith, linesOf, stalled } from '#kit/live-chat/people.ts';
import { hurryTimers, moveTimeOn } from '#kit/fake-time.ts';
import { calling, gone, serving, stubAt } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';
import { watchedWrites } from '#kit/stalled-reader.ts';

const server = () => import('#answers/15-live-chat-on-several-servers/server.ts');
const client = () => import('#answers/15-live-chat-on-several-servers/client.ts');

/** The learner's service over a log. */
const overLog = async (log: ChatLog) => calling(ChatService, (await server()).liveChat(log));
const ready = 'livechat.ChatService';
const { UNAVAILABLE } = status;

describe('Step 1 · Acknowledge what the log has', () => {
  it('puts each message into the log once, as it is, and acknowledges it with itself', async () => {
    const [log, other] = await twoLogs();
    const stub = await overLog(log);
    const messages = awkwardMessages(awkwardTexts.length);
    for (const message of messages) {
      const advice = 'Hand the message to log.append() as it is, and to callback behind the null.';
      same(await sent(stub, message), okWith(message), advice);
    }
    moveTimeOn(3_600_000);
    const more = someMessages(integer(3, 6));
    await Promise.all(more.map((message) => sent(stub, message)));
    const lines = await linesIn(other);
    const advice = 'Each call is one message in the log: append() once, whatever was said before.';
    same(lines.slice(0, messages.length), linesOf(messages), advice);
    same(lines.slice(messages.length).toSorted(), linesOf(more).toSorted(), advice);
  });

  it('does not acknowledge a message before the log has it', async () => {
    const log = await logAt();
    const stub = await overLog(log);
    const held = heldAppends(log);
    // Whoever waits for a moment, and no longer, has waited.
    hurryTimers();
    const messages = someMessages(2);
    const answers: string[] = [];
    const sending = messages.map(async (message) => answers.push(await sent(stub, message)));
    const advice = 'append() returns a promise: await it, and call back behind that.';
    await becomes(() => held.asked === 2, { expected: 'log.append to be called', came: 'nothing', advice });
    // A call that is answered at once has its answer by now.
    await sent(stub, { user_name: 'Ada', text: '' });
    const none = 'no acknowledgement while the log has not taken the message';
    must(answers.length === 0, { expected: none, came: answers[0]!, advice });
    held.goOn();
    await came(Promise.all(sending), 'an acknowledgement once the log has it', advice);
    same(answers.toSorted(), messages.map(okWith).toSorted(), advice);
  });

  it('answers UNAVAILABLE while the log is gone, and takes the next message when it is back', async () => {
    const log = await logAt();
    const stub = await overLog(log);
    const { append } = log;
    const [lost, next] = someMessages(2);
    const advice = 'Catch what append() throws, and call back with statusOf(error).';
    log.append = () => Promise.reject(new LogGone());
    for (let call = 0; call < 2; call += 1) {
      same((await sent(stub, lost!)).split(':')[0], 'UNAVAILABLE', advice);
    }
    log.append = append;
    same(await sent(stub, next!), okWith(next!), advice);
    const once = 'Nobody has acknowledged the first: do not keep it for later.';
    same(await linesIn(log), linesOf([next!]), once);
  });

  it('acknowledges nothing when the log fails otherwise', async () => {
    const log = await logAt();
    const stub = await overLog(log);
    const message = `the disk is ${oneOf(['full', 'on fire', 'read-only'])}`;
    expectFault(message);
    log.append = () => Promise.reject(new Error(message));
    const how = await sent(stub, someMessages(1)[0]!);
    const advice = 'Every way through calls back once; what append() throws is no acknowledgement.';
    same(/^(?:OK|DEADLINE)/.test(how) ? how : 'another status', 'another status', advice);
  });
});

describe('Step 2 · Begin behind what the client has heard', () => {
  const begins = async (after: string | undefined, ends: Ends, expected: string, advice: string) =>
    beginsAt((await server()).beginning, after, ends, expected, advice);

  it('begins at the end without a position', async () => {
    const { oldest, newest } = someEnds();
    for (const end of [newest, oldest, 0]) {
      const advice = 'Without after, what comes from now on is meant: begin behind the newest message.';
      await begins(undefined, { oldest: end === 0 ? 1 : oldest, newest: end }, String(end), advice);
    }
  });

  it('begins behind the position, as long as the log has what comes after it', async () => {
    const { oldest, newest } = someEnds();
    const within = integer(oldest + 1, newest - 1);
    for (const position of [oldest - 1, oldest, within, newest]) {
      const advice =
        'The client has heard up to this position. The next one must be there, or still to come.';
      await begins(String(position), { oldest, newest }, String(position), advice);
    }
    const zero = '0 is a position as well: the client has heard nothing, and wants all.';
    for (const end of [newest, 0]) await begins('0', { oldest: 1, newest: end }, '0', zero);
  });

  it('answers OUT_OF_RANGE, with what to do, when the log does not have what comes next', async () => {
    const { oldest, newest } = someEnds();
    const trimmed = [oldest - 2, 0].map(String);
    for (const after of [...trimmed, String(newest + 1), '9'.repeat(20)]) {
      const advice =
        'What comes after oldest - 2 and before was trimmed away, and newest + 1 is of another log. Throw an object of code and details.';
      await begins(after, { oldest, newest }, 'OUT_OF_RANGE', advice);
    }
  });

  it('answers INVALID_ARGUMENT to what is no position', async () => {
    const { oldest, newest } = someEnds();
    for (const after of ['', 'newest', `-${oldest}`, `${oldest}.5`, `${oldest}x`, ' ', '0x1f', '1e3']) {
      const advice = 'A position is a whole number in decimal digits, and nothing else.';
      await begins(after, { oldest, newest }, 'INVALID_ARGUMENT', advice);
    }
  });
});

describe('Step 3 · Hand on what the log has, in its order', () => {
  it('gives everybody the same messages in the same order, whichever server they come by', async () => {
    const logs = await twoLogs();
    const { liveChat } = await server();
    const stubs = await Promise.all(logs.map((log) => calling(ChatService, liveChat(log))));
    const early = integer(210, 260);
    // What is said twice is two messages.
    const [twice] = someMessages(1, 'twice');
    const before = [...someMessages(early - 2, 'early'), twice!, twice!];
    await Promise.all(before.map((message) => logs[0].append(message)));
    const readers = [
      await subscribed(stubs[0]!, undefined, 40),
      await subscribed(stubs[1]!, undefined, 40),
      await subscribed(stubs[1]!, 0, early + 40),
    ];
    const both = logs.map((log, index) => written(log, someMessages(20, `${index + 1}: message`)));
    await Promise.all(both);
    moveTimeOn(3_600_000);
    const order = await linesIn(logs[0]);
    const heard = await Promise.all(readers.map((reader) => reader.heard()));
    for (const [index, { messages }] of heard.entries()) {
      const advice =
        'Each message comes from the log alone, once: read behind the position, count it up for each message, and read again.';
      same(linesOf(messages), index === 2 ? order : order.slice(early), advice);
    }
  });

  it('writes at the pace of the reader, and lets no other wait for one that does not read', async () => {
    const log = await logAt();
    const writes: ReturnType<typeof watchedWrites>[] = [];
    const handlers = eachCall((await server()).liveChat(log), (call) => writes.push(watchedWrites(call)));
    const address = await serving(ChatService.service, handlers);
    const late = await stalled(address);
    const messages = someMessages(60);
    const reader = await subscribed(stubAt(ChatService, address), 0, messages.length);
    await written(log, messages);
    const advice = 'Each call reads the log by itself, behind its own position.';
    same(linesOf((await reader.heard()).messages), linesOf(messages), advice);
    const [{ most, room }] = writes as [(typeof writes)[0]];
    must(most <= room + 1, {
      expected: `a few messages that wait for one that does not read: up to ${room}`,
      came: `${most}`,
      advice: 'Wait with await written(…) until a message has gone out. The rest is safe in the log.',
    });
    const read = await late.read(messages.length);
    const all = 'Once it reads again, it gets all that has waited, in order.';
    same(linesOf(read.messages), linesOf(messages), all);
  });

  it('stops reading when the client has gone', async () => {
    const log = await logAt();
    const stub = await overLog(log);
    const reads = watchedReads(log);
    for (let call = 0; call < 2; call += 1) {
      const reader = await subscribed(stub);
      await becomes(() => reads.open === 1, {
        expected: 'log.read() to be called, and to wait',
        came: 'nothing',
        advice: 'There is nothing to read yet: log.read() waits by itself.',
      });
      reader.cancel();
      await becomes(() => reads.open === 0, {
        expected: 'nobody to read the log for a client that has gone',
        came: 'log.read() still waits',
        advice: 'Hand `over` to log.read(): it is aborted when the call is over.',
      });
    }
    const before = reads.count;
    await written(log, someMessages(2));
    same(reads.count, before, 'No further reading: once `over` is aborted, leave the loop.');
  });

  it.each([
    ['OUT_OF_RANGE', 'was trimmed away meanwhile', () => new NotInLog(7, { oldest: 9, newest: 12 })],
    ['UNAVAILABLE', 'cannot be reached', () => new LogGone()],
  ] as const)('ends with %s when what comes next %s', async (code, _why, error) => {
    const log = await logAt();
    const stub = await overLog(log);
    log.read = () => Promise.reject(error());
    const { ended } = await (await subscribed(stub)).heard();
    const advice = 'Catch nothing in the loop: the lines below it end the call.';
    same(ended ? status[ended.code] : 'no end', code, advice);
  });
});

describe('Step 4 · Serve only while the log is there', () => {
  it('is not ready while the log is gone, and ends each subscription with UNAVAILABLE', async () => {
    const { logIsThere } = await server();
    const { health, of } = await healthAtWork();
    for (const name of ['', ready]) health.set(name, 'SERVING');
    const opened = await Promise.all(
      [1, 2, 3].map(() => bothEnds((address) => subscribed(stubAt(ChatService, address)))),
    );
    const calls = new Set(opened.map(({ call }) => call));
    // As in the server: a call that is over is taken out, also while somebody goes through them.
    for (const call of calls) call.once('error', () => calls.delete(call));
    let ended = false;
    for (const isThere of [true, false, false, true, false]) {
      logIsThere(isThere, health, isThere ? calls : [...calls]);
      const advice = `Set ${ready} each time, and leave '' as it is: a server that is not alive gets killed.`;
      const expected = { ready: isThere ? 'SERVING' : 'NOT_SERVING', alive: 'SERVING' };
      same({ ready: await of(ready), alive: await of('') }, expected, advice);
      ended ||= !isThere;
      const only = 'End each subscription when the log is gone, and none while it is there.';
      same(`open: ${calls.size}`, `open: ${ended ? 0 : 3}`, only);
    }
    for (const { reader } of opened) {
      const heard = await reader.heard();
      endedWith(heard, UNAVAILABLE, "call.emit('error', { code, details }) ends a stream; each of them.", []);
      must(heard.ended?.details, { expected: 'details that say why', came: 'none', advice: 'Add details.' });
    }
  });

  it('serves again by itself when the log is back', async () => {
    printing();
    const { start } = await server();
    const file = newFile();
    const [address] = (await startedTogether(start, 1, file)).addresses as [string];
    const stub = stubAt(ChatService, address);
    const reader = await subscribed(stub);
    const says = await watched(address, ready);
    await says('SERVING');
    const [before, after] = someMessages(2);
    await sent(stub, before!);
    renameSync(file, `${file}.away`);
    await says('SERVING', 'NOT_SERVING');
    endedWith(await reader.heard(), UNAVAILABLE, 'Send those who listen to another server.');
    renameSync(`${file}.away`, file);
    await says('SERVING', 'NOT_SERVING', 'SERVING');
    const again = await subscribed(stub, reader.position, 2);
    await sent(stub, after!);
    const advice = 'The log has kept what it had.';
    same(linesOf((await again.heard()).messages), linesOf([before!, after!]), advice);
  });
});

describe('Step 5 · Count where you are', () => {
  const advice =
    "The server's metadata comes first: `position` is where this subscription begins. Each message is one further.";

  it('takes the position from the metadata, and counts each message that it has handed over', async () => {
    const { hear } = await client();
    const place: Place = {};
    // Wherever it was before: the server says where this subscription begins.
    for (const position of [integer(1, 500), 0, integer(501, 9_000)]) {
      const messages = awkwardMessages(4);
      const { stub, next } = await turnByTurn(position, messages);
      const heard: Message__Output[] = [];
      const onMessage = (message: Message__Output): void => {
        heard.push(message);
        next();
      };
      const hearing = await begun(hear(stub.receiveMessage({}, soon(2)), place, onMessage));
      const knows = (expected: number): Promise<void> =>
        becomes(
          () => place.position === expected,
          () => ({ expected: `place.position ${expected}`, came: inspect(place.position), advice }),
        );
      await knows(position);
      next();
      await rejectedWith(hearing.promise, UNAVAILABLE);
      same(linesOf(heard), linesOf(messages), 'Hand over each message as it comes, as it is.');
      await knows(position + messages.length);
    }
  });

  it.each(['OUT_OF_RANGE', 'CANCELLED'] as const)('passes on the status %s', async (code) => {
    const { hear } = await client();
    const { stub } = await serverOfCheck((call) => play(call, 5, [], status[code]));
    const hearing = hear(stub.receiveMessage({}, soon()), {}, () => {});
    await rejectedWith(hearing, status[code]);
  });
});

describe('Step 6 · Go on at another server, where you were', () => {
  const sends =
    'Send the metadata `after` with the call, a text, as soon as place.position is there: 0 is a position, too.';
  const stays =
    'Call the next server when one ends with UNAVAILABLE, behind the last the first again: turn % stubs.length.';

  it('goes from server to server, and misses nothing', async () => {
    const { stay } = await client();
    // Each call hands on some messages, and ends; the last one stays open.
    const counts = [0, 2, 0, integer(1, 3), 1, 2];
    const parts = counts.map((count, index) => someMessages(count, `part ${index}, message`));
    const { stubs, servers, afters, behind } = await threeServers(parts, 0);
    const { listener, heard, leave, pauses } = listenerOf(stubs);
    const staying = await begun(stay(listener));
    await becomes(
      () => heard.length === parts.flat().length || !staying.isOpen(),
      () => ({
        expected: `${parts.length} subscriptions, one after the other`,
        came: `${servers.length}`,
        advice: stays,
      }),
    ).finally(leave);
    await settled(staying.promise, 'Return once `leaving` is aborted: the call is cancelled then.');
    same(servers, [1, 2, 3, 1, 2, 3], stays);
    same(afters, behind, sends);
    same(linesOf(heard), linesOf(parts.flat()), 'Each message is handed over once: hear() does it.');
    const pausing = 'Wait with await pause() before each further server.';
    same(`${pauses()} pauses`, `${parts.length - 1} pauses`, pausing);
  });

  it('looks further when nobody listens, and waits before that', async () => {
    const { stay } = await client();
    const nobody = stubAt(ChatService, await gone());
    const [paused, goOn] = [signal(), signal()];
    const { stub, calls } = await serverOfCheck((call) => play(call, 3, someMessages(1)));
    const onPause = (): Promise<void> => {
      paused.send();
      return goOn.sent;
    };
    const left = signal();
    const { listener, leave } = listenerOf([nobody, stub], { onPause, onMessage: () => left.send() });
    const staying = await begun(stay(listener));
    const advice = 'A server that is not there is UNAVAILABLE, too: await pause(), and try the next one.';
    await came(Promise.race([paused.sent, staying.promise]), 'pause() to be called', advice);
    await sent(stub, someMessages(1)[0]!);
    same(`calls: ${calls.length}`, 'calls: 0', advice);
    goOn.send();
    await came(left.sent, 'a subscription at the next server', advice);
    same(afterOf(calls[0]!), 'none', 'No server has said yet where this one is: send no position.');
    leave();
    await settled(staying.promise, 'Return once `leaving` is aborted.');
  });

  it('passes on every other status, and goes nowhere else', async () => {
    const { stay } = await client();
    for (const code of everyFailure.filter((each) => each !== UNAVAILABLE)) {
      const { stub, calls } = await serverOfCheck((call) => play(call, 3, [], code));
      const { listener } = listenerOf([stub]);
      await rejectedWith(stay(listener), code);
      const advice = 'After UNAVAILABLE alone another server may do better: throw every other error on.';
      same(`${status[code]}, calls: ${calls.length}`, `${status[code]}, calls: 1`, advice);
    }
  });

  it('leaves at any time', async () => {
    const { stay } = await client();
    const { stub, calls } = await serverOfCheck((call) =>
      play(call, 3, [], calls.length > 1 ? UNAVAILABLE : undefined),
    );
    const subscribing = listenerOf([stub]);
    const staying = await begun(stay(subscribing.listener));
    const advice =
      'Return when leaving.aborted, whatever the call has ended with: you have left by yourself.';
    const { place } = subscribing;
    await becomes(() => place.position === 3, { expected: 'a call', came: 'none', advice: stays });
    subscribing.leave();
    await settled(staying.promise, advice);
    const pausing = listenerOf([stub], { onPause: () => pausing.leave() });
    await settled(stay(pausing.listener), advice);
    same(calls.length, 2, 'Who leaves during the pause makes no further call.');
  });
});

describe('Both halves together', () => {
  it('is one chat on three servers, and goes on when one of them ends', async () => {
    printing();
    const { start } = await server();
    const { stay } = await client();
    const { addresses, stop } = await startedTogether(start, 3);
    const people = ['Ada', 'Bob', 'Cleo'].map(
      (name, index) => new Person(name, [...addresses.slice(index), ...addresses.slice(0, index)], stay),
    );
    try {
      await Promise.all(people.map((each) => each.isIn()));
      for (const each of people) await each.say(`${each.name} is here`);
      await Promise.all(people.map((each) => each.hears(3)));
      void stop(1);
      for (const each of [people[0]!, people[2]!]) await each.say(`${each.name} goes on`);
      await Promise.all(people.map((each) => each.hears(5)));
      const [order, ...others] = people.map(({ heard }) => linesOf(heard));
      const once = 'Everybody hears the same, once: what is said goes to the log alone.';
      const isOnce = [order!, ...others].every((lines) => new Set(lines).size === lines.length);
      must(isOnce, { expected: 'each message once', came: 'some more than once', advice: once });
      for (const lines of others) same(lines, order, once);
    } finally {
      await Promise.all(people.map((each) => each.leave()));
    }
  });
});
