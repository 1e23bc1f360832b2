import { describe, it } from 'vitest';
import { registerList } from '#shared/balancing/address-list.ts';
import { must } from '#kit/check-failure.ts';
import { ListOfCheck } from '#kit/balancing/list.ts';
import { answered, Hello, manyServers, sharedOut } from '#kit/balancing/servers.ts';
import { configuredStub } from '#kit/peers.ts';

describe('On your own · Five servers at most for each client', () => {
  it('tells each channel five of many servers, and another one only for one that has left', async () => {
    const { follow } = await import('#answers/14-many-servers-one-name/client.ts');
    const servers = await manyServers(9);
    const lists: ListOfCheck[] = [];
    registerList(follow, 'check-own', () => {
      const list = new ListOfCheck(servers);
      lists.push(list);
      return list;
    });
    const called = new Set<string>();
    for (let count = 0; count < 6; count += 1) {
      const stub = configuredStub(Hello, `check-own:${count}`, {
        loadBalancingConfig: [{ round_robin: {} }],
      });
      await answered(stub);
      const own = await sharedOut(
        stub,
        servers,
        [20],
        (counts) => counts.filter((calls) => calls === 4).length === 5,
        {
          expected: 'five of nine servers, each with four of twenty calls',
          advice: 'Choose five of the addresses before you make endpoints of them.',
        },
        1_000,
      );
      const five = servers.filter((_one, index) => own[index]! > 0);
      for (const { name } of five) called.add(name);
      const [left, ...stay] = five;
      const now = servers.filter((one) => one !== left);
      lists.at(-1)!.has(now);
      await sharedOut(
        stub,
        servers,
        [20],
        (counts) =>
          counts.filter((calls) => calls === 4).length === 5 &&
          stay.every((one) => counts[servers.indexOf(one)] === 4),
        {
          expected:
            'another server in place of the one that has left the list, and the four others as before',
          advice: 'Keep those that you have chosen, for as long as they are in the list.',
        },
        1_000,
      );
    }
    must(called.size > 5, {
      expected: 'other servers for other clients: six clients and nine servers',
      came: 'the same five for all of them',
      advice: 'Let chance decide which five, for each resolver anew.',
    });
  });

  it('tells all of them where there are five or fewer', async () => {
    const { follow } = await import('#answers/14-many-servers-one-name/client.ts');
    const servers = await manyServers(5);
    registerList(follow, 'check-few', () => new ListOfCheck(servers));
    const stub = configuredStub(Hello, 'check-few:5', { loadBalancingConfig: [{ round_robin: {} }] });
    const expected = 'calls for all five servers';
    const advice = 'Five at most: five are no more than that.';
    await sharedOut(stub, servers, [10], (counts) => counts.every(Boolean), { expected, advice }, 1_000);
  });
});
