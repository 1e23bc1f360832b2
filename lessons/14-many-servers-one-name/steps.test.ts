import { ServerMetricRecorder, status } from '@grpc/grpc-js';
import { describe, it, onTestFinished } from 'vitest';
import { tell } from '#shared/balancing/orders.ts';
import { registerList } from '#shared/balancing/address-list.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import { settled } from '#kit/calls.ts';
import { becomes } from '#kit/time-limits.ts';
import { must, same } from '#kit/check-failure.ts';
import { awkwardTexts, everyFailure, greetingRequests, integer, oneOf, someOf } from '#kit/random-inputs.ts';
import { moveTimeOn } from '#kit/fake-time.ts';
import { ListOfCheck } from '#kit/balancing/list.ts';
import {
  answered,
  clientOf,
  Hello,
  manyServers,
  mustBeBy,
  reportsOf,
  serverNames,
} from '#kit/balancing/servers.ts';
import { allCalled, inWords, shareOut, sharedOut } from '#kit/balancing/shares.ts';
import { calling, configuredStub, gone, serving, started, stubAt, trackedStub } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';
import { timersStarted } from '#kit/timers.ts';

const server = () => import('#answers/14-many-servers-one-name/server.ts');
const client = () => import('#answers/14-many-servers-one-name/client.ts');

describe('Step 1 · Say who you are', () => {
  it('answers as in lesson 1, with its name behind the reply', async () => {
    const { hello } = await server();
    const requests = [...greetingRequests(2), { greeting: oneOf(awkwardTexts), name: '' }];
    for (const name of serverNames(2)) {
      const stub = await calling(Hello, { hello: hello({ name, isSick: false }) });
      for (const request of requests) {
        const came = await answered(stub, request);
        same(came.how, `${request.greeting} ${request.name}`, 'The reply is that of lesson 1.');
        mustBeBy(came, name);
      }
    }
  });

  it('refuses calls for as long as it is sick, and says who it is then, too', async () => {
    const { hello } = await server();
    const [name = '', later = ''] = serverNames(2);
    const self = { name, isSick: true };
    const stub = await calling(Hello, { hello: hello(self) });
    for (const isSick of [true, false, true]) {
      self.isSick = isSick;
      const came = await answered(stub);
      same(came.how, isSick ? 'UNAVAILABLE' : 'Hello Ada', 'Look at self.isSick in each call: it changes.');
      must(!isSick || /\S/.test(came.details), {
        expected: 'details in words of your own',
        came: 'none',
        advice: 'The status is { code, details, metadata }.',
      });
      mustBeBy(came, name);
    }
    self.isSick = false;
    self.name = later;
    mustBeBy(await answered(stub), later);
  });

  it('answers several calls at the same moment, each with its own words', async () => {
    const { hello } = await server();
    const names = serverNames(2);
    const stubs = await Promise.all(
      names.map((name) => calling(Hello, { hello: hello({ name, isSick: false }) })),
    );
    const requests = greetingRequests(4);
    const came = await Promise.all(requests.map((request, index) => answered(stubs[index % 2]!, request)));
    for (const [index, { greeting, name }] of requests.entries()) {
      same(came[index]!.how, `${greeting} ${name}`, 'Each call has a request of its own.');
      mustBeBy(came[index]!, names[index % 2]!);
    }
  });
});

describe('Step 2 · Report your load', () => {
  /** The load in hundredths: as a double, 0.1 is no tenth. */
  const aLoad = () => ({ utilization: integer(1, 99) / 100, callsPerSecond: integer(1, 999) });

  it('reports how busy the server is, and how many calls it answers, as often as that changes', async () => {
    const { report } = await server();
    const recorders = [new ServerMetricRecorder(), new ServerMetricRecorder()];
    const reports = await Promise.all(recorders.map(reportsOf));
    for (let round = 0; round < 3; round += 1) {
      const loads = recorders.map(aLoad);
      for (const [index, load] of loads.entries()) report(recorders[index]!, load);
      for (const [index, load] of loads.entries()) {
        const {
          application_utilization: utilization,
          rps_fractional: callsPerSecond,
          ...rest
        } = await reports[index]!();
        same(
          { utilization, callsPerSecond },
          load,
          rest.cpu_utilization > 0
            ? 'grpc-js passes over the CPU: what it goes by is the utilization of the application.'
            : utilization > 1
              ? 'The utilization is a part of 1, as self has it, and not per cent.'
              : 'The recorder has a method for each of the two, and keeps what it was told last.',
        );
      }
    }
  });
});

describe('Step 3 · See who has answered', () => {
  it('sends a greeting for the name, and tells who has answered it', async () => {
    const { greet } = await client();
    for (const one of await manyServers(2)) {
      const stub = stubAt(Hello, one.address);
      for (const name of ['', ...someOf(awkwardTexts, 2)]) {
        const { by, code, details } = await settled(greet(stub, name), 'Resolve once the status has come.');
        const [call] = one.calls.splice(0);
        must(code !== status.DEADLINE_EXCEEDED, {
          expected: 'a call that has three seconds',
          came: `DEADLINE_EXCEEDED: ${details}`,
          advice: 'A deadline is a point in time: Date.now() + 3_000.',
        });
        same(call?.request, { greeting: 'Hello', name }, 'The request is { greeting: "Hello", name }.');
        same(
          { by, code: status[code] },
          { by: one.name, code: 'OK' },
          'by is the trailer served-by, which the status event brings: metadata.get(key) is a list.',
        );
      }
    }
  });

  it('tells how a call has failed, and who has let it', async () => {
    const { greet } = await client();
    const [name = ''] = serverNames(1);
    for (const code of everyFailure) {
      const details = `no. ${integer(1, 9_999)}`;
      const hello: HelloHandlers['hello'] = ({ metadata }, callback) => {
        metadata.set('served-by', name);
        callback({ code, details, metadata });
      };
      const stub = await calling(Hello, { hello });
      const came = await settled(greet(stub, 'Ada'), 'A call that fails has a status as well.');
      same(
        { ...came, code: status[came.code] },
        { by: name, code: status[code], details },
        'The status event comes for every call, however it ends.',
      );
    }
  });

  it('names nobody when nobody has answered', async () => {
    const { greet } = await client();
    const stub = stubAt(Hello, await gone());
    const { by, code } = await settled(greet(stub, 'Ada'), 'A call that fails has a status as well.');
    same([by, status[code]], ['', 'UNAVAILABLE'], "Where there is no served-by, by is the empty text ''.");
  });

  it('keeps several calls apart, and gives each three seconds', async () => {
    const { greet } = await client();
    const second = signal();
    const lefts: number[] = [];
    const hello: HelloHandlers['hello'] = async (call, callback) => {
      lefts.push(Number(call.getDeadline()) - Date.now());
      const { name } = call.request;
      if (name === 'first') await second.sent;
      call.metadata.set('served-by', name);
      callback(null, { message: name }, call.metadata);
      second.send();
    };
    const stub = stubAt(Hello, await serving(Hello.service, { hello }));
    const both = Promise.all(['first', 'second'].map((name) => greet(stub, name)));
    const came = await settled(both, 'Each call has a promise of its own.');
    same(
      came.map(({ by }) => by),
      ['first', 'second'],
      'Each call tells its own end.',
    );
    moveTimeOn(3_600_000);
    const later = await settled(greet(stub, 'later'), 'An hour later, a call has a deadline of its own.');
    same(later.by, 'later', 'A deadline is a point in time: an hour later, a call has one of its own.');
    for (const left of lefts) {
      must(left > 1_500 && left <= 3_000, {
        expected: 'a deadline in three seconds',
        came: Number.isFinite(left) ? `one in ${(left / 1_000).toFixed(1)} seconds` : 'none',
        advice: 'It is a point in time: Date.now() and 3,000 more, for each call anew.',
      });
    }
  });
});

const inSilence =
  'A name that grpc-js does not know is passed over in silence, and pick_first takes its place.';

describe('Step 4 · Share the calls out', () => {
  it('evenly: gives each server as many calls as the others', async () => {
    const { sharing } = await client();
    for (const count of [3, integer(4, 6)]) {
      const servers = await manyServers(count);
      const stub = clientOf(servers, sharing('evenly'));
      await allCalled(stub, servers, inSilence);
      const counts = await shareOut(stub, servers, 5 * count);
      same(
        counts,
        servers.map(() => 5),
        'round_robin takes one after the other.',
      );
    }
  });

  it('by load: gives more calls to whoever can take more', async () => {
    const { sharing } = await client();
    const servers = await manyServers(3);
    const timers = timersStarted();
    onTestFinished(timers.stop);
    const stub = clientOf(servers, sharing('by load'));
    const weights = someOf([1, 2, 4], 3);
    const callsPerSecond = integer(10, 500);
    for (const [index, weight] of weights.entries()) {
      servers[index]!.recorder.setApplicationUtilizationMetric(0.8 / weight);
      servers[index]!.recorder.setQpsMetric(callsPerSecond);
    }
    await allCalled(stub, servers, inSilence);
    await sharedOut(
      stub,
      servers,
      [35],
      (counts) => counts.every((came, index) => Math.abs(came - 5 * weights[index]!) <= 3),
      {
        expected: `${weights.map((weight) => 5 * weight).join(', ')} calls of 35, as the servers report`,
        came: () => 'other shares',
        advice: 'By default, reports are not asked for, and what the first ten seconds bring does not count.',
      },
    );
    const expected = 'weights that are computed anew every 0.2 seconds';
    const advice = 'weight_update_period is a second when it is not said.';
    must(timers.times(200) > 0, { expected, came: 'others', advice });
  });
});

describe('Step 5 · Leave out one that is sick', () => {
  const pause = 5;

  it('gives each server as many calls as the others while all are well', async () => {
    const { sparing } = await client();
    const servers = await manyServers(3);
    const stub = clientOf(servers, sparing());
    await allCalled(stub, servers, inSilence);
    same(await shareOut(stub, servers, 15), [5, 5, 5], 'child_policy is a list with round_robin in it.');
  });

  it('calls one no more that fails, of two as of three, and again after a second', async () => {
    const { sparing } = await client();
    // The clock stands still: how long one is out is no matter of how fast this machine is.
    moveTimeOn(0);
    const timers = timersStarted();
    onTestFinished(timers.stop);
    const groups = await Promise.all(
      [2, 3].map(async (count) => {
        const servers = await manyServers(count);
        const sick = oneOf(servers);
        sick.failing = 7;
        return { count, servers, sick, at: servers.indexOf(sick), stub: clientOf(servers, sparing()) };
      }),
    );
    /** The first group tells first what is wrong, whichever finds it out first. */
    const inEach = async (work: (group: (typeof groups)[number]) => Promise<unknown>): Promise<void> => {
      const all = groups.map(work);
      await Promise.allSettled(all);
      await Promise.all(all);
    };
    await inEach(({ stub, servers, count, at }) =>
      sharedOut(stub, servers, [3 * count, pause], (counts) => counts[at] === 0, {
        expected: 'no more calls for the server that fails seven calls of ten',
        advice:
          'By default, it looks every ten seconds, at five servers with fifty calls each, and leaves out who fails more than 85 of a hundred.',
      }),
    );
    must(timers.times(400) > 0, {
      expected: 'a look at the servers every 0.4 seconds',
      came: 'others',
      advice: 'interval is { seconds: 0, nanos: 400_000_000 }.',
    });
    await inEach(async ({ stub, servers, count, sick }) => {
      const came = await shareOut(stub, servers, 3 * count, pause);
      const share = 3 + 3 / (count - 1);
      const isRight = (calls: number, index: number): boolean =>
        Math.abs(calls - (servers[index] === sick ? 0 : share)) <= 1;
      must(came.every(isRight), {
        expected: `calls for ${count - 1} of ${count} servers, which share them`,
        came: inWords(came),
        advice: 'base_ejection_time is a second, and child_policy has round_robin.',
      });
      sick.failing = 0;
    });
    moveTimeOn(900);
    const before = performance.now();
    await inEach(async ({ stub, servers, sick }) => {
      const calls = sick.calls.length;
      // Time for another look.
      while (performance.now() < before + 450) await shareOut(stub, servers, 1, pause);
      must(sick.calls.length === calls, {
        expected: 'no call for it before the second is over',
        came: 'some',
        advice: 'base_ejection_time is one second: { seconds: 1, nanos: 0 }.',
      });
    });
    moveTimeOn(200);
    await inEach(({ stub, servers, count, at }) =>
      sharedOut(stub, servers, [count], (counts) => counts[at]! > 0, {
        expected: 'calls for it again after a second',
        advice: 'base_ejection_time is thirty seconds when it is not said.',
      }),
    );
  });

  it('goes on calling one that fails now and then', async () => {
    const { sparing } = await client();
    const servers = await manyServers(3);
    const [unsteady] = servers;
    unsteady!.failing = 3;
    const stub = clientOf(servers, sparing());
    await allCalled(stub, servers, inSilence);
    const began = performance.now();
    while (performance.now() < began + 550) await shareOut(stub, servers, 3, pause);
    const [calls = 0] = await shareOut(stub, servers, 9);
    must(calls === 3, {
      expected: 'as many calls for one that fails three of ten as for the others',
      came: calls === 0 ? 'none' : 'fewer',
      advice: 'threshold is how many of a hundred calls may fail: 50.',
    });
  });
});

describe('Step 6 · Look the name up yourself', () => {
  /** A client that knows a name, which the learner's resolver looks up in a list. */
  const named = async (list: ListOfCheck) => {
    const { follow } = await client();
    const scheme = `check-${integer(0, 999_999)}`;
    registerList(follow, scheme, () => list);
    return configuredStub(Hello, `${scheme}:servers`, { loadBalancingConfig: [{ round_robin: {} }] });
  };
  const each =
    'Each server is an endpoint of its own: { addresses: [address] }. All in one would be one server.';

  it('finds every server of the list', async () => {
    const servers = await manyServers(4);
    const [ours, theirs] = [servers.slice(0, 3), servers.slice(3)];
    const [stub, other] = [await named(new ListOfCheck(ours)), await named(new ListOfCheck(theirs))];
    await allCalled(stub, ours, each);
    same(await shareOut(stub, servers, 9), [3, 3, 3, 0], each);
    same(await shareOut(other, servers, 2), [0, 0, 0, 2], 'Each channel has a list of its own.');
  });

  it('finds one that is added, and forgets one that is taken out', async () => {
    const servers = await manyServers(3);
    const list = new ListOfCheck(servers.slice(0, 2));
    const stub = await named(list);
    await allCalled(stub, servers.slice(0, 2), each);
    const advice = 'What you hand to watch is called with each change: tell the listener each time.';
    for (const now of [servers, servers.slice(1), servers.slice(0, 1)]) {
      list.has(now);
      const isSo = (counts: readonly number[]): boolean =>
        servers.every((one, index) => counts[index]! > 0 === now.includes(one));
      const expected = `calls for ${now.length} servers, which are in the list now`;
      await sharedOut(stub, servers, [6], isSo, { expected, advice }, 1_000);
    }
  });

  it('goes on with the servers that it knows while the list cannot be read, and says why when it knows none', async () => {
    const servers = await manyServers(2);
    const list = new ListOfCheck(servers);
    const stub = await named(list);
    await allCalled(stub, servers, each);
    const problem = `the list ${integer(0, 9_999)} is gone`;
    list.breaks(problem);
    const advice = 'Where there is a problem, tell an error, and no endpoints: statusOrFromError.';
    for (let call = 0; call < 4; call += 1) same((await answered(stub)).how, 'Hello Ada', advice);
    const { how, details } = await answered(await named(list));
    must(how === 'UNAVAILABLE' && details.includes(problem), {
      expected: `UNAVAILABLE, with "${problem}" in its details`,
      came: `${how}: ${details}`,
      advice: 'The status of the error is { code: status.UNAVAILABLE, details: problem }.',
    });
  });

  it('watches only for as long as its channel needs it, and can begin anew', async () => {
    const { follow } = await client();
    const servers = await manyServers(2);
    const list = new ListOfCheck(servers);
    let told = 0;
    const resolver = follow(list, (endpoints) => {
      told += 1;
      return endpoints.ok;
    });
    const isTold = async (advice: string): Promise<void> => {
      const before = told;
      resolver.updateResolution();
      await becomes(() => told > before, { expected: 'the listener to be told', came: 'nothing', advice });
    };
    await isTold('updateResolution() asks for the addresses.');
    await isTold(
      'updateResolution() may be called again and again, and each time somebody waits for an answer.',
    );
    const once = {
      expected: 'one watch',
      advice: 'End the watch before, and begin a new one: it tells the list at once.',
    };
    must(list.watchers <= 1, { ...once, came: `${list.watchers}` });
    resolver.destroy();
    must(list.watchers === 0, {
      expected: 'no watch after destroy()',
      came: `${list.watchers}`,
      advice: 'watch returns a function that ends it.',
    });
    resolver.destroy();
    await isTold('A channel that was idle comes back: updateResolution() after destroy() begins anew.');
    resolver.destroy();
    const before = told;
    list.has(servers.slice(1));
    same(told, before, 'After destroy(), nothing may be told.');
    const stub = await named(list);
    await answered(stub);
    stub.close();
    same(list.watchers, 0, 'When its channel is closed, nobody needs the list.');
  });
});

describe('Both halves together', () => {
  it('shares calls out among three servers of yours, evenly and by load', async () => {
    printing();
    const [{ start }, { connect, greet, sharing }] = [await server(), await client()];
    const addresses: string[] = [];
    for (let count = 0; count < 3; count += 1) addresses.push(await started(() => start('127.0.0.1:0')));
    const stub = trackedStub(connect(`ipv4:${addresses.join(',')}`, sharing('evenly')));
    const seen = new Set<string>();
    for (let call = 0; call < 60 && seen.size < 3; call += 1) {
      seen.add((await settled(greet(stub, 'Ada'), 'See with npm run lesson:14 what each side says.')).by);
    }
    same([...seen].toSorted(), addresses.toSorted(), 'Each server calls itself by its address.');
    await tell(addresses[0]!, { isSick: true });
    const codes = await Promise.all(
      addresses.map(async (address) => (await greet(stubAt(Hello, address), 'Ada')).code),
    );
    const { UNAVAILABLE, OK } = status;
    same(codes, [UNAVAILABLE, OK, OK], 'A server that is told to be sick refuses calls, and no other does.');
  });
});
