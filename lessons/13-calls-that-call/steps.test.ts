import { randomUUID } from 'node:crypto';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { invalidFields, withReason } from '#shared/grpc/error-details.ts';
import type { Asked } from '#shared/hops/demonstrations.ts';
import { becomes, begun } from '#kit/time-limits.ts';
import { inWords, rejectedWith, settled } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { awkwardTexts, everyFailure, integer, oneOf, someOf } from '#kit/random-inputs.ts';
import { askingInVain, mustEndBadly, mustSay } from '#kit/hops/border.ts';
import { anId, isId, textOf } from '#kit/hops/ids.ts';
import { firstPing, overLine, stubWith } from '#kit/hops/lines.ts';
import { backAtWork, mustAbort, mustGoOn } from '#kit/hops/queries.ts';
import {
  answered,
  asking,
  cameTo,
  frontAtWork,
  mustBeTold,
  mustGet,
  mustHaveLeft,
  mustHaveTime,
  mustStop,
  usersOf,
  userWith,
} from '#kit/hops/service.ts';
import { moveTimeOn } from '#kit/fake-time.ts';
import { gone, started } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';

const server = () => import('#answers/13-calls-that-call/server.ts');
const client = () => import('#answers/13-calls-that-call/client.ts');

const key = 'x-request-id';

describe('Step 1 · Keep one id from hop to hop', () => {
  const arriving = async (...given: string[]) => {
    const { onward } = await server();
    const incoming = new Metadata();
    for (const each of given) incoming.add(key, each);
    return onward(incoming);
  };

  it('keeps the id that has come', async () => {
    for (const id of [anId(), textOf(1), textOf(64), '_-', randomUUID()]) {
      const advice = 'What comes as x-request-id goes on as it is: up to 64 letters, digits, - and _.';
      same((await arriving(id)).get(key), [id], advice);
    }
  });

  it('makes an id where none has come, or what has come is none', async () => {
    const made: unknown[] = [];
    const others = [`${anId()} ${anId()}`, `${anId()};`, `"${anId()}"`, `<${anId()}>`, `.${anId()}`];
    for (const came of [[], [], [''], [textOf(65)], [textOf(400)], ...others.map((each) => [each])]) {
      const ids = (await arriving(...came)).get(key);
      must(ids.length === 1 && isId(ids[0]), {
        expected: `a new id, where ${came.length === 0 ? 'none has come' : `${JSON.stringify(came[0])} has come`}`,
        came: ids.length === 0 ? 'none' : JSON.stringify(ids.join(', ')),
        advice:
          'randomUUID() makes one. What is longer than 64, or has other characters, does not go into a log.',
      });
      const rest = came.join('').replaceAll(/[^\w-]/g, '');
      must(!rest.includes(ids[0]), {
        expected: 'an id that is new, where what has come is none',
        came: 'a part of what has come',
        advice: 'What has been cut may be the id of another call: then both have one.',
      });
      made.push(ids[0]);
    }
    for (let call = 0; call < 500; call += 1) made.push(String((await arriving()).get(key)));
    same(new Set(made).size, made.length, 'Each call without an id gets one that no other call has.');
  });

  it('hands on nothing else, and leaves what has come as it is', async () => {
    const { onward } = await server();
    const incoming = new Metadata();
    const id = anId();
    const others = {
      authorization: `Bearer ${anId()}`,
      cookie: anId(),
      [`x-${textOf(5).toLowerCase()}`]: anId(),
    };
    for (const [name, value] of Object.entries({ ...others, [key]: id })) incoming.set(name, value);
    const before = incoming.getMap();
    const outgoing = onward(incoming);
    same(
      outgoing.getMap(),
      { [key]: id },
      'Make new Metadata(), with the id in it. What came may be a token that is for you alone.',
    );
    same(incoming.getMap(), before, 'Leave the metadata that came as it is: the handler may still need it.');
  });
});

describe('Step 2 · Hand on the time that is left, and the end', () => {
  const parent = 'parent: call hands on both, the deadline and the end.';

  it('asks the back for what it was asked, under the same id, and answers with what comes', async () => {
    const { front } = await server();
    const { stub, calls, lines } = await frontAtWork(front, await usersOf(answered));
    const advice = 'Give back.GetUser the request, outgoing, the options and done.';
    await Promise.all(awkwardTexts.map((id) => mustGet(stub, id, advice)));
    const [requestId, secret] = [anId(), anId()];
    await asking(stub, 'ada', { requestId, secret }).ended;
    const got = ['x-request-id', 'authorization'].map((name) => calls.at(-1)?.metadata.get(name));
    same(got, [[requestId], []], 'outgoing is the metadata for the back, and nothing else of the caller.');
    same(calls.length, awkwardTexts.length + 1, 'One call of the back for each call of the front.');
    await mustBeTold(
      lines,
      requestId,
      'front',
      'answers OK',
      'done is the callback: it tells the journal, too.',
    );
    await mustEndBadly(front);
  });

  it('gives the back as much time as its caller has left', async () => {
    const { front } = await server();
    const { stub, calls } = await frontAtWork(front, await usersOf(answered));
    for (const patience of [integer(1_200, 1_600), integer(2_600, 3_000), integer(3_800, 4_200)]) {
      await asking(stub, 'ada', { patience }).ended;
      mustHaveTime(calls.at(-1), patience, `${patience} ms, which is what the caller has left`, parent);
    }
  });

  it('waits five seconds at most, however long its caller would', async () => {
    const { front } = await server();
    const { stub, calls } = await frontAtWork(front, await usersOf(answered));
    const expectFive = async (when: string): Promise<void> => {
      await asking(stub, 'ada', { patience: integer(20, 90) * 1_000 }).ended;
      const advice =
        'Date.now() + longest, computed for each call. Beside parent, the earlier of the two holds.';
      mustHaveTime(calls.at(-1), 5_000, `five seconds${when}`, advice);
    };
    await expectFive('');
    moveTimeOn(3_600_000);
    await expectFive(', an hour later as well');
  });

  it('ends the call of the back when its caller leaves, or has no more time', async () => {
    const { front } = await server();
    const { stub, calls } = await frontAtWork(front, await usersOf());
    const [one, other] = [asking(stub, 'ada'), asking(stub, 'grace')];
    await cameTo(calls, 2, 'back.GetUser makes the call.');
    one.leave();
    const ofOne = calls.find(({ id }) => id === 'ada')!;
    await mustStop(ofOne, 'its caller leaves', parent);
    const ofOther = calls.find(({ id }) => id === 'grace')!;
    must(!ofOther.isOver(), {
      expected: 'the call for another caller to go on',
      came: 'its end',
      advice: 'What ends is the call that was made for this caller, and no other.',
    });
    answered(ofOther);
    same(await other.code, 'OK', 'The other caller gets an answer.');
    const late = asking(stub, 'linus', { patience: integer(400, 600) });
    await cameTo(calls, 3, 'back.GetUser makes the call.');
    await late.ended;
    await mustStop(calls[2]!, 'its caller has no more time', parent, Infinity);
  });

  it('does not ask the back for a caller who has left before', async () => {
    const { front } = await server();
    const admitted = signal();
    const work = await frontAtWork(front, await usersOf(answered), () => admitted.sent);
    const [early, stays] = [asking(work.stub, 'early'), asking(work.stub, 'stays')];
    const notYours = 'Run the checks again: this is not for you to mend.';
    await cameTo(work.isOver, 2, notYours);
    early.leave();
    const came = { expected: 'a caller who leaves', came: 'nobody', advice: notYours };
    await becomes(() => work.isOver.some((isOver) => isOver()), came);
    admitted.send();
    same(await stays.code, 'OK', 'Who has stayed gets an answer.');
    // What is asked later comes later, on the same connection.
    await mustGet(work.stub, 'later', 'A later caller gets an answer as well.');
    must(!work.calls.some(({ id }) => id === 'early'), {
      expected: 'no call of the back for a caller who left while admit() took its time',
      came: 'one',
      advice: 'parent waits for an event that has been, and comes only once. call.cancelled tells.',
    });
  });
});

describe('Step 3 · Stop the query when nobody waits', () => {
  const ask = async () => backAtWork((await server()).back);

  it('answers with the user that the database finds, or NOT_FOUND', async () => {
    const asked = await ask();
    const [first, second] = someOf(awkwardTexts, 2);
    const [one, other] = [await asked(first!), await asked(second!)];
    same([one.query.id, other.query.id], [first, second], 'Ask for the id as it is.');
    other.query.found(userWith(second!));
    const { user } = await other.ended;
    same(user?.id, second, 'found is what to do with what the database finds.');
    mustGoOn(one.query, 'when another call is answered');
    one.query.found();
    same(await one.code, 'NOT_FOUND', 'found is called without a user, too.');
  });

  it('stops the query of a caller who leaves, and no other', async () => {
    const asked = await ask();
    const [stays, leaves] = [await asked('stays'), await asked('leaves')];
    mustGoOn(leaves.query, 'while its caller waits');
    leaves.leave();
    await mustAbort(leaves.query, 'its caller leaves');
    mustGoOn(stays.query, 'when another caller leaves');
    const later = await asked('later');
    mustGoOn(later.query, 'when another caller has left before');
    later.query.found(userWith('later'));
    stays.query.found(userWith('stays'));
    same([await stays.code, await later.code], ['OK', 'OK'], 'Who waits gets an answer.');
  });

  it('stops the query when the time of its caller is up', async () => {
    const asked = await ask();
    const late = await asked('late', integer(400, 600));
    same(await late.code, 'DEADLINE_EXCEEDED', 'The caller gets that when its time is up.');
    await mustAbort(late.query, 'the time of its caller is up');
  });

  it('ends the call when the database fails', async () => {
    const asked = await ask();
    const fails = await asked('fails');
    const what = `page ${integer(1, 9_999)} is broken`;
    fails.query.failed(new Error(what));
    const { status: end } = await fails.ended;
    const toFailed = 'failed is for a promise that is rejected: .then(found, failed).';
    same(inWords(end), `INTERNAL: ${what}`, toFailed);
  });
});

describe('Step 4 · Pass on what concerns the caller, and nothing else', () => {
  const { INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL } = status;
  const promised = [INVALID_ARGUMENT, NOT_FOUND];
  const others = everyFailure.filter((code) => !promised.includes(code));
  const trailer = 'grpc-status-details-bin';
  const inVain = async (failure: Parameters<typeof askingInVain>[1], id = anId()) =>
    askingInVain((await server()).front, failure, id);

  it('passes on what its own contract promises, with words and details, and no other metadata', async () => {
    const words = oneOf(awkwardTexts);
    for (const sent of [
      withReason(NOT_FOUND, `There is no ${words} here.`, textOf(12)),
      invalidFields([{ field: textOf(6), description: 'must be another one' }]),
      withReason(INVALID_ARGUMENT, `This is no ${words}.`, textOf(12), { known: textOf(150) }),
      { code: NOT_FOUND, details: `No ${words} without details.`, metadata: new Metadata() },
    ]) {
      sent.metadata.set(`x-${textOf(6).toLowerCase()}`, anId());
      const { status: came } = await inVain(sent);
      same(inWords(came), inWords(sent), 'NOT_FOUND and INVALID_ARGUMENT are what this contract promises.');
      const [before, after] = [sent, came].map(({ metadata }) =>
        metadata.get(trailer).map((each) => Buffer.from(each).toString('base64')),
      );
      same(after, before, `The details for programs stand in the trailer ${trailer}: hand it on as it is.`);
      const beside = Object.keys(came.metadata.getMap()).filter((each) => each.startsWith('x-'));
      same(
        beside,
        [],
        `Make new Metadata(), with ${trailer} alone: what else the back says is for the front.`,
      );
    }
  });

  it('ends with words of its own after every other status', async () => {
    for (const code of others) {
      const secret = textOf(16);
      const sent = withReason(code, `${secret} in /var/lib/users.db`, secret, { host: secret });
      sent.metadata.set('x-served-by', secret);
      mustSay(
        await inVain(sent),
        code,
        code === UNAVAILABLE || code === DEADLINE_EXCEEDED ? code : INTERNAL,
        secret,
      );
    }
  });

  it('does not say where the back is when nobody listens there', async () => {
    const address = await gone();
    const { stub } = await frontAtWork((await server()).front, { address, calls: [] });
    const { status: came, beside } = await asking(stub, 'ada').ended;
    same(status[came.code], 'UNAVAILABLE', 'UNAVAILABLE stays what it is: the caller may call again.');
    must(!beside.some((text) => text.includes(address.split(':')[1]!)), {
      expected: 'words of your own',
      came: came.details,
      advice: 'grpc-js writes the address into the details: they are not for the caller.',
    });
  });

  it('writes into the journal what the back has said', async () => {
    for (const code of others) {
      const [details, id] = [`the cause is ${textOf(12)}`, anId()];
      const { lines } = await inVain({ code, details }, id);
      const told = lines.find((line) => line.includes(details));
      must(told?.startsWith(id.slice(-8)) && told.includes(status[code]!), {
        expected: `a line of the journal with ${status[code]} and the words of the back`,
        came: told ?? 'none',
        advice:
          'say(…) writes a line with the id of the call: who looks for the cause finds it there, and only there.',
      });
    }
  });
});

describe('Step 5 · Notice an end that has gone without a word', () => {
  const noticing = async (...times: [number, number]) => (await server()).noticing(...times);

  it('ends a call whose line has gone silent, and makes the next one on another', async () => {
    const [after, wait] = [integer(200, 300), integer(100, 200)];
    const { line, stub } = await overLine(await noticing(after, wait));
    line.forget();
    const began = performance.now();
    const { status: end } = await asking(stub, 'ada', { patience: after + wait + 1_500 }).ended;
    const lasted = Math.round(performance.now() - began);
    must(end.code === status.UNAVAILABLE && lasted < after + wait + 700, {
      expected: `UNAVAILABLE, some ${after + wait} ms after the line has gone silent`,
      came: `${inWords(end)}${end.code === status.UNAVAILABLE ? ', but much later' : ''}`,
      advice:
        'The options are grpc.keepalive_time_ms and grpc.keepalive_timeout_ms, in milliseconds. Other names are ignored in silence.',
    });
    await mustGet(stub, 'ada', 'The next call has another connection.');
  });

  it('notices it before the next call is made', async () => {
    const { line, stub, isConnected } = await overLine(await noticing(integer(150, 250), integer(100, 150)));
    line.forget();
    await becomes(() => !isConnected(), {
      expected: 'a channel that notices, while no call is under way, that its line has gone silent',
      came: 'one that takes it for good',
      advice:
        'grpc.keepalive_permit_without_calls is 1 for that. By default, it is asked only during a call.',
    });
    await mustGet(stub, 'ada', 'The next call has another connection.');
  });

  it('asks as often as it is told to', async () => {
    for (const after of [integer(100, 150), integer(300, 350)]) {
      const came = await firstPing(await noticing(after, 4_000));
      must(came !== undefined && came > after - 50 && came < after + 500, {
        expected: `a ping after ${after} ms`,
        came: came === undefined ? 'none' : `one that comes much ${came < after ? 'earlier' : 'later'}`,
        advice:
          'keepalive_time is how long it is until the next ping, and keepalive_timeout how long the answer may take.',
      });
    }
  });
});

describe('Step 6 · Say who asks, how long you wait, and when you leave', () => {
  const asked = (given: Partial<Asked> = {}): Asked => ({
    id: oneOf(awkwardTexts),
    requestId: anId(),
    patience: 2_000,
    leaving: new AbortController().signal,
    ...given,
  });
  const never = 'done is the callback of stub.GetUser.';

  it('asks for the user, under its request id, and resolves with what comes', async () => {
    const { find } = await client();
    const { address, calls } = await usersOf(answered);
    const stub = stubWith(address);
    const [one, two, later] = someOf(awkwardTexts, 3).map((id) => asked({ id })) as [Asked, Asked, Asked];
    const found = await Promise.all([one, two].map((each) => settled(find(stub, each), never)));
    found.push(await settled(find(stub, later), never));
    const ids = [one.id, two.id, later.id];
    same(
      found.map(({ id }) => id),
      ids,
      'The id of the user goes into the request as it is.',
    );
    same(
      ids.map((id) => calls.find((came) => came.id === id)!.metadata.get(key)),
      [one, two, later].map(({ requestId }) => [requestId]),
      'requestId goes into the metadata, as x-request-id.',
    );
  });

  it('waits as long as it is patient, and passes on how the call ends', async () => {
    const { find } = await client();
    const { address, calls } = await usersOf(answered);
    const stub = stubWith(address);
    const waits = async (): Promise<void> => {
      const patience = integer(20, 90) * 1_000;
      await settled(find(stub, asked({ patience })), never);
      const advice = 'A deadline is a point in time: Date.now() + patience.';
      mustHaveTime(calls.at(-1), patience, `${patience / 1_000} seconds, its patience`, advice);
    };
    await waits();
    for (const code of everyFailure) {
      const refusing = await usersOf((came) => came.answer({ code, details: 'not today' }));
      await rejectedWith(find(stubWith(refusing.address), asked()), code);
    }
    moveTimeOn(3_600_000);
    await waits();
  });

  it('leaves when it is told to, or has been told before', async () => {
    const { find } = await client();
    const { address, calls } = await usersOf();
    const stub = stubWith(address);
    const [leaving, patience] = [new AbortController(), 20_000];
    const stays = await begun(find(stub, asked({ id: 'stays', patience })));
    const leave = Promise.all(
      ['leaves', 'also'].map((id) =>
        rejectedWith(find(stub, asked({ id, patience, leaving: leaving.signal })), status.CANCELLED),
      ),
    );
    // What is to be said of it is said below.
    leave.catch(() => {});
    await cameTo(calls, 3, 'stub.GetUser makes the call.');
    const advice = 'leaving tells by its event abort, and call.cancel() of this very call is how to leave.';
    leaving.abort();
    for (const came of calls.filter(({ id }) => id !== 'stays')) {
      await mustStop(came, 'its client leaves', advice);
    }
    await leave;
    must(stays.isOpen(), { expected: 'a call that nobody leaves to go on', came: 'its end', advice });
    await mustHaveLeft(find(stub, asked({ leaving: leaving.signal, patience: 1_000 })));
    answered(calls.find(({ id }) => id === 'stays')!);
    same((await settled(stays.promise, never)).id, 'stays', never);
  });
});

describe('Both halves together', () => {
  it('tells of one call at all three, under one id, to its answer or to its end', async () => {
    const lines = printing();
    const { start } = await server();
    const { find } = await client();
    const stub = stubWith(await started(() => start('127.0.0.1:0', { line: 'good' })));
    const advice = 'See with npm run lesson:13 what each one says.';
    const said = (id: string, who: string, what: string) => mustBeTold(lines, id, who, what, advice);
    const leaving = new AbortController();
    const [one, other] = [randomUUID(), randomUUID()];
    const ask = (id: string, requestId: string, over: AbortSignal) =>
      find(stub, { id, requestId, patience: 3_000, leaving: over });
    const stays = settled(ask('ada', one, new AbortController().signal), advice);
    const leaves = rejectedWith(ask('grace', other, leaving.signal), status.CANCELLED);
    await said(other, 'database', 'looks for');
    leaving.abort();
    for (const who of ['front', 'back', 'database']) await said(other, who, 'stops');
    await Promise.all([stays, leaves]);
    for (const who of ['front', 'back']) await said(one, who, 'answers OK');
    await said(one, 'database', 'has found');
  });
});
