import { status } from '@grpc/grpc-js';
import { describe, it, onTestFinished } from 'vitest';
import type { HealthHandlers } from '#protos/generated/grpc/health/v1/Health.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { HealthService } from '#shared/health/health.ts';
import type { Peer } from '#shared/health/peers.ts';
import type { Counts } from '#shared/health/call-counts.ts';
import { settled } from '#kit/calls.ts';
import { becomes, begun, within } from '#kit/time-limits.ts';
import { must, same } from '#kit/check-failure.ts';
import { everyFailure, integer, oneOf, someOf } from '#kit/random-inputs.ts';
import { expectFault } from '#kit/expected-faults.ts';
import { alive, healthAtWork, ready } from '#kit/health/health-service.ts';
import {
  expectCancelled,
  listing,
  oneCame,
  peerTo,
  usersAtWork,
  userStub,
  type Answer,
} from '#kit/health/users.ts';
import { calling, started } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';
import { timersStarted, watchTimers } from '#kit/timers.ts';

const server = () => import('#answers/11-stop-without-losing-a-call/server.ts');
const client = () => import('#answers/11-stop-without-losing-a-call/client.ts');

describe('Step 1 · Be alive at once, and ready later', () => {
  it('is alive from the beginning, and ready once it has warmed up', async () => {
    const { comeUp } = await server();
    // Two servers: what one is says nothing about the other.
    for (const { health, both, watch } of [await healthAtWork(), await healthAtWork()]) {
      const warm = signal();
      let times = 0;
      const warmUp = (): Promise<void> => {
        times += 1;
        return warm.sent;
      };
      const { promise, isOpen } = await begun(comeUp(health, warmUp));
      const listener = await watch(ready);
      const advice =
        'Set both names before you wait for warmUp(): alive is SERVING at once, and ready NOT_SERVING.';
      same(await both(), { alive: 'SERVING', ready: 'NOT_SERVING' }, advice);
      must(isOpen(), {
        expected: 'comeUp to wait for warmUp()',
        came: 'its promise, resolved before that',
        advice: 'Write await before warmUp().',
      });
      warm.send();
      await settled(promise, 'Return once the service is ready.');
      same(await both(), { alive: 'SERVING', ready: 'SERVING' }, 'After warmUp(), ready is SERVING.');
      must(times === 1, {
        expected: 'warmUp() to be called once',
        came: `${times} calls`,
        advice: 'It may be expensive.',
      });
      same(
        listener.heard,
        ['NOT_SERVING', 'SERVING'],
        'Whoever watches hears of each change, and of no other.',
      );
    }
  });

  it('is alive, and not ready, when it cannot warm up', async () => {
    const { comeUp } = await server();
    const { health, both } = await healthAtWork();
    const failure = new Error(`the database is ${oneOf(['gone', 'locked', 'full'])}`);
    expectFault(failure.message);
    const came = await settled(
      comeUp(health, () => Promise.reject(failure)).then(
        () => 'nothing: comeUp has resolved',
        (error: unknown) => error,
      ),
      'Let the error of warmUp() pass.',
    );
    must(came === failure, {
      expected: `comeUp to pass on the error of warmUp(), ${failure.message}`,
      came: String(came),
      advice: 'Catch nothing here: who has called you wants to know.',
    });
    const advice = 'Only after warmUp() has resolved, ready becomes SERVING. It lives all the same.';
    same(await both(), { alive: 'SERVING', ready: 'NOT_SERVING' }, advice);
  });
});

/** A server that lives and is ready. */
const serving = async () => {
  const atWork = await healthAtWork();
  for (const name of [alive, ready]) atWork.health.set(name, 'SERVING');
  return atWork;
};

describe('Step 2 · Say that you are leaving, before you leave', () => {
  it('is no longer ready before it waits, and alive all the time', async () => {
    const { stepBack } = await server();
    const { health, both, watch } = await serving();
    const listener = await watch(ready);
    const all = signal();
    const meanwhile = signal<object>();
    const heard = async (): Promise<void> => {
      meanwhile.send(await both());
      return all.sent;
    };
    const { promise, isOpen } = await begun(stepBack(health, heard));
    const told = await within(
      Promise.race([meanwhile.sent, promise.then(() => 'stepBack has returned by then')]),
      {
        expected: 'heard() to be called',
        came: 'nothing',
        advice: 'Wait with await heard().',
      },
    );
    const advice =
      'Set ready to NOT_SERVING first, and then wait for heard(). Leave alive as it is: a server that is not alive gets killed.';
    same(told, { alive: 'SERVING', ready: 'NOT_SERVING' }, advice);
    // Whatever else was begun has had its turn.
    await both();
    must(isOpen(), {
      expected: 'stepBack to wait until everybody has heard',
      came: 'its promise, resolved before that',
      advice: 'Write await before heard().',
    });
    all.send();
    await settled(promise, 'Return once heard() has resolved.');
    same(await both(), { alive: 'SERVING', ready: 'NOT_SERVING' }, advice);
    same(listener.heard, ['SERVING', 'NOT_SERVING'], 'Whoever watches hears once that it is leaving.');
  });
});

describe('Step 3 · Send the readers of streams elsewhere', () => {
  it('ends each stream with UNAVAILABLE, whoever else has left, and nothing but the streams', async () => {
    const { endStreams } = await server();
    const { health, of, watch } = await serving();
    const names = someOf([ready, alive, ready, 'another.Service', ready], integer(3, 5));
    const listeners = await Promise.all(names.map(watch));
    const given = [...health.watches];
    // One of the readers goes by itself.
    const first = await watch(ready);
    given.splice(1, 0, ...[...health.watches].filter((each) => !given.includes(each)));
    first.leave();
    await becomes(() => health.watches.size === names.length, {
      expected: 'a reader who leaves to be gone',
      came: 'it is still there',
      advice: 'Run the checks again: this is not for you to mend.',
    });
    health.set(ready, 'NOT_SERVING');
    endStreams(given);
    for (const [index, { heard, ended }] of listeners.entries()) {
      const { code, details } = await within(ended, {
        expected: `each of ${names.length} streams to end`,
        came: 'a stream that is still open',
        advice:
          "Go through all of them. A stream ends with a status by emit('error', { code, details }); destroy() alone sends none.",
      });
      must(code === status.UNAVAILABLE, {
        expected: 'UNAVAILABLE: then its reader goes to another server, or comes back',
        came: `${status[code]}${code === status.OK ? ': for the reader, all is said' : ''}`,
        advice: 'Emit an error event, with an object of code and details.',
      });
      must(/\S/.test(details) && details !== 'Unknown Error', {
        expected: 'details in words of your own',
        came: `"${details}"`,
        advice: 'Say in `details` why the stream ends.',
      });
      if (names[index] === ready) {
        const advice = 'What was written before the end still comes, and nothing else.';
        same(heard, ['SERVING', 'NOT_SERVING'], advice);
      }
    }
    same(health.watches.size, 0, 'No stream is left.');
    same(await of(alive), 'SERVING', 'Other calls go on: only the streams end here.');
  });
});

/** A time that nobody has to wait for, and that no other timer has. */
const long = (): number => integer(61_000, 69_000);

describe('Step 4 · Drain, then close, but not for ever', () => {
  it('lets calls that are open be answered, and takes no new ones', async () => {
    const { close } = await server();
    const { server: leaving, address, calls } = await usersAtWork();
    const open = await begun(listing(userStub(address)));
    await oneCame(calls);
    const closing = await begun(close(leaving, address, { drain: long(), limit: long() }));
    const advice = 'drain(address, drain), then tryShutdown, and forceShutdown only when `limit` has passed.';
    const refused = await within(listing(userStub(address)), {
      expected: 'no new calls',
      came: 'a new call, which is open',
      advice,
    });
    must(refused.startsWith('UNAVAILABLE'), {
      expected: 'UNAVAILABLE for a new connection: the server is closing',
      came: refused,
      advice,
    });
    must(open.isOpen() && closing.isOpen(), {
      expected: 'the open call to go on, and close to wait for it',
      came: open.isOpen() ? 'close, which has resolved' : `the call ended with ${await open.promise}`,
      advice: 'Resolve in the callback of tryShutdown: it is called when no call is open any more.',
    });
    calls[0]!(null, {});
    same(await open.promise, 'OK', advice);
    same(await settled(closing.promise, advice), 'in time', "resolve('in time') when tryShutdown is done.");
  });

  /** Closes a server with a call that nobody answers. */
  const withHangingCall = async (times: { drain: number; limit: number }, isOnItsWay: boolean) => {
    const { close } = await server();
    const { server: leaving, address, calls } = await usersAtWork();
    const call = listing(userStub(address));
    await oneCame(calls);
    if (isOnItsWay) leaving.drain(address, long());
    const timers = timersStarted();
    const limit = watchTimers(times.limit);
    onTestFinished(limit.stop);
    const { promise: closing } = await begun(close(leaving, address, times));
    timers.stop();
    const closedAfter = (time: keyof typeof times, advice: string) =>
      within(closing, {
        expected: `close to resolve soon after \`${time}\` milliseconds`,
        came: 'nothing: a call that nobody answers keeps the server open',
        advice,
      });
    return { call, closedAfter, timers, limit };
  };

  it('ends a call that hangs when the time to drain is over', async () => {
    const { call, closedAfter, limit } = await withHangingCall(
      { drain: integer(30, 90), limit: long() },
      false,
    );
    const advice =
      'Three things to look at: does drain stand before tryShutdown? Is it given `address`, and `drain` for its time? Otherwise it cuts nothing, and says nothing of it.';
    same(await closedAfter('drain', advice), 'in time', advice);
    await expectCancelled(call, advice);
    must(await limit.allGone(), {
      expected: 'no timer to be left once the server has closed in time',
      came: 'the one for `limit`, for which the process waits',
      advice: 'Keep what setTimeout returns, and give it to clearTimeout when tryShutdown is done.',
    });
  });

  it('closes by force when the limit has passed, whatever drain has overlooked', async () => {
    const times = { drain: integer(11, 29), limit: integer(61, 89) };
    const { call, closedAfter, timers } = await withHangingCall(times, true);
    const advice =
      "A connection that is closing already, drain passes over. So set a timer for `limit` as well: forceShutdown(), and resolve('by force').";
    same(await closedAfter('limit', advice), 'by force', advice);
    await expectCancelled(call, advice);
    const set = [timers.times(times.drain), timers.times(times.limit)];
    must(set[0]! > 0 && set[1]! > 0, {
      expected: 'drain to take its time from `drain`, and the timer from `limit`',
      came: `${set[0]! > 0 ? 'limit' : 'drain'} with a time of its own`,
      advice: 'Both are given, in milliseconds: use each for what it is.',
    });
  });
});

type Watch = Parameters<HealthHandlers['Watch']>[0];

/** A server whose watch the check writes, and the learner's client that follows it. */
const followed = async () => {
  const { follow } = await client();
  const came = signal<Watch>();
  const health = await calling(HealthService, { Watch: (watch: Watch) => came.send(watch) });
  const over = new AbortController();
  const peer = { health, ready: false };
  const following = await begun(follow(peer, over.signal));
  const watch = await within(came.sent, {
    expected: 'a watch',
    came: 'none',
    advice: 'The call above your step makes it: leave it there.',
  });
  const expectReady = (wanted: boolean, when: string, advice: string): Promise<void> =>
    becomes(() => peer.ready === wanted, {
      expected: `peer.ready to be ${wanted} ${when}`,
      came: String(peer.ready),
      advice,
    });
  return { peer, over, following, watch, expectReady };
};

describe('Step 5 · Believe SERVING alone, and only while you hear it', () => {
  it('is ready for as long as the server says SERVING', async () => {
    const { following, watch, expectReady, over } = await followed();
    for (const other of someOf(['NOT_SERVING', 'UNKNOWN', 'SERVICE_UNKNOWN'] as const, 3)) {
      watch.write({ status: 'SERVING' });
      await expectReady(true, 'when the server says SERVING', "Compare the status with 'SERVING'.");
      watch.write({ status: other });
      await expectReady(false, `when the server says ${other}`, 'Only SERVING is a yes.');
    }
    must(following.isOpen(), {
      expected: 'follow to go on for as long as the watch does',
      came: 'its promise, resolved before the end',
      advice: "Resolve on 'end' alone.",
    });
    over.abort();
    await settled(following.promise, "Resolve on 'end': it comes after an error too.");
  });

  it.each(['OK', 'UNAVAILABLE', 'another status'])(
    'is not ready when the watch ends with %s',
    async (how) => {
      const { following, watch, peer, expectReady } = await followed();
      watch.write({ status: 'SERVING' });
      await expectReady(true, 'when the server says SERVING', "Compare the status with 'SERVING'.");
      const others = everyFailure.filter((code) => code !== status.UNAVAILABLE);
      const code = how === 'UNAVAILABLE' ? status.UNAVAILABLE : oneOf(others);
      if (how === 'OK') watch.end();
      else watch.emit('error', { code, details: 'the watch is over' });
      await settled(following.promise, "Resolve on 'end': it comes after an error too, and after OK.");
      must(!peer.ready, {
        expected: 'peer.ready to be false when nobody tells any more how the server is',
        came: 'true',
        advice: 'Set it to false before you resolve.',
      });
    },
  );
});

const noCounts = (): Counts => ({ made: 0, answered: 0, lost: 0 });

describe('Step 6 · Call one that is ready, and count how it ends', () => {
  const answers = (answer: Answer): void => answer(null, {});

  it('calls those that are ready, in turn, and no other', async () => {
    const { callOne } = await client();
    const servers = await Promise.all([1, 2, 3, 4].map(() => usersAtWork(answers)));
    const peers = servers.map(({ address }, index) => peerTo(address, false, `server ${index + 1}`));
    let before = servers.map(() => 0);
    // Who is ready changes all the time.
    for (const able of [someOf(peers, 2), someOf(peers, 3), someOf(peers, 1)]) {
      for (const peer of peers) peer.ready = able.includes(peer);
      const counts = noCounts();
      const first = integer(0, 5);
      for (let turn = first; turn < first + 6; turn += 1) {
        const made = await settled(callOne(peers, turn, counts), 'Return true once the call has ended.');
        same(made, true, 'Return true when there was a server to call.');
      }
      const came = servers.map(({ calls }, index) => calls.length - before[index]!);
      before = servers.map(({ calls }) => calls.length);
      const right = peers.map(({ ready: isReady }) => (isReady ? 6 / able.length : 0));
      same(came, right, 'Filter by `ready`, anew for each call; turn % length takes one after the other.');
      same(counts, { made: 6, answered: 6, lost: 0 }, 'Each call is made once, and answered once.');
    }
  });

  it('makes no call when nobody is ready, and then none is lost', async () => {
    const { callOne } = await client();
    const { address, calls } = await usersAtWork(answers);
    const counts = noCounts();
    for (const peers of [[], [peerTo(address, false)]]) {
      const made = await settled(callOne(peers, integer(0, 9), counts), 'Return false at once.');
      same(made, false, 'Return false when no server is ready.');
    }
    same([counts, calls.length], [noCounts(), 0], 'Count a call when you make it, and make none here.');
  });

  it('counts a call as made when it goes out, and as lost when it ends badly', async () => {
    const { callOne } = await client();
    const [counts, statuses] = [noCounts(), someOf(everyFailure, 6)];
    for (const [lost, code] of statuses.entries()) {
      let meanwhile = noCounts();
      const { address, calls } = await usersAtWork((answer) => {
        meanwhile = { ...counts };
        answer({ code, details: 'not now' });
      });
      const made = await settled(
        callOne([peerTo(address, true)], 0, counts).catch((error: unknown) => `rejected: ${String(error)}`),
        'Return once the call has ended.',
      );
      same(
        made,
        true,
        'Catch what listOne rejects with, whatever the status: it is a lost call, and no end.',
      );
      same(meanwhile, { made: lost + 1, answered: 0, lost }, 'Count a call as made before you wait for it.');
      same(
        counts,
        { made: lost + 1, answered: 0, lost: lost + 1 },
        'A call that ends badly is lost, and was made.',
      );
      same(calls.length, 1, 'Make no second call for one that is lost: that would be a call of its own.');
    }
  });
});

describe('Both halves together', () => {
  it('loses no call when one of two servers leaves', async () => {
    printing();
    const { start } = await server();
    const { follow, callOne } = await client();
    const servers: Listening[] = [];
    const startOne = async (): Promise<Listening> => {
      const one = await start('127.0.0.1:0', { db: ':memory:' });
      servers.push(one);
      return one;
    };
    const peers: Peer[] = [];
    for (const name of ['the one that leaves', 'the one that stays']) {
      peers.push(peerTo(await started(startOne), false, name));
    }
    const over = new AbortController();
    const following = Promise.all(peers.map((peer) => follow(peer, over.signal)));
    await becomes(() => peers.every((peer) => peer.ready), {
      expected: 'both servers to be ready',
      came: peers.map(({ name, ready: isReady }) => `${name}: ${isReady}`).join(', '),
      advice: 'See with npm run lesson:11 -- --show probe what each server says.',
    });
    const counts = noCounts();
    const keepCalling = async (): Promise<void> => {
      for (let turn = 0; !over.signal.aborted; turn += 1) await callOne(peers, turn, counts);
    };
    const calls = Promise.all([keepCalling(), keepCalling(), keepCalling()]);
    await becomes(() => peers.every(({ answered, failure }) => answered > 0 || failure !== undefined), {
      expected: 'both servers to be called',
      came: peers.map(({ name, answered }) => `${name}: ${answered} calls`).join(', '),
      advice: 'The calls take turns.',
    });
    await within(
      Promise.resolve(servers[0]!.stop!()),
      {
        expected: 'the server to have left',
        came: 'nothing: it is still closing',
        advice: 'See with npm run lesson:11 what each side says.',
      },
      2,
    );
    const [left, stays] = peers.map(({ answered }) => answered);
    await becomes(() => peers[1]!.answered > stays! || peers[1]!.failure !== undefined, {
      expected: 'the calls to go on, at the other server',
      came: 'none',
      advice: 'Who is ready is looked up for each call.',
    });
    over.abort();
    await settled(Promise.all([following, calls]), 'Nothing waits for the server that has left.');
    // How lists are answered is for lesson 7 to say.
    if (peers.some(({ failure }) => failure?.includes('Lesson 7, step'))) return;
    same(peers[0]!.answered, left, 'Nobody calls a server that has left.');
    must(counts.lost === 0 && counts.made === counts.answered, {
      expected: 'no call to be lost',
      came: `${counts.lost} of ${counts.made}, the first with ${peers.map(({ failure }) => failure).join('')}`,
      advice: 'Readiness off first, then the streams, then drain and tryShutdown.',
    });
  });
});
