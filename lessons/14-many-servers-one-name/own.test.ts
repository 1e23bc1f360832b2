import { describe, it } from 'vitest';
import { registerList } from '#shared/balancing/address-list.ts';
import { must } from '#kit/check-failure.ts';
import { ListOfCheck } from '#kit/balancing/list.ts';
import { answered, Hello, manyServers, type OneOfMany } from '#kit/balancing/servers.ts';
import { inWords, sharedOut } from '#kit/balancing/shares.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
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
    const [evenly, five] = [{ loadBalancingConfig: [{ round_robin: {} }] }, 5];
    const isFive = (counts: readonly number[]): boolean =>
      counts.filter((calls) => calls === 4).length === five;
    const calledBy = async (stub: HelloClient): Promise<OneOfMany[]> => {
      const expected = 'five of nine servers, each with four of twenty calls';
      const advice = 'Choose five of the addresses before you make endpoints of them.';
      const counts = await sharedOut(stub, servers, [20], isFive, { expected, advice }, 1_000);
      return servers.filter((_one, index) => counts[index]! > 0);
    };
    const stubs: HelloClient[] = [];
    for (const name of ['a', 'b', 'c']) {
      stubs.push(configuredStub(Hello, `check-own:${name}`, evenly));
      await answered(stubs.at(-1)!);
    }
    const chosen: OneOfMany[][] = [];
    for (const stub of stubs) chosen.push(await calledBy(stub));
    must(new Set(chosen.map((all) => all.map(({ name }) => name).join())).size > 1, {
      expected: 'other servers for other clients: three clients and nine servers',
      came: 'the same five for all of them',
      advice: 'Let chance decide which five, for each resolver anew.',
    });
    for (const [index, stub] of stubs.entries()) {
      const [left, ...stay] = chosen[index]!;
      lists[index]!.breaks('the list is gone for a moment');
      lists[index]!.has(servers.filter((one) => one !== left));
      const staying = (counts: readonly number[]): number =>
        stay.filter((one) => counts[servers.indexOf(one)] === 4).length;
      await sharedOut(
        stub,
        servers,
        [20],
        (counts) => isFive(counts) && staying(counts) === stay.length,
        {
          expected:
            'another server in place of the one that has left the list, and the four others as before',
          came: (counts) => `${inWords(counts)}, ${staying(counts)} of the four others among them`,
          advice:
            'Keep those that you have chosen for as long as they are in the list, by host and port: each list brings new objects. A list that cannot be read changes nothing.',
        },
        1_000,
      );
    }
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
