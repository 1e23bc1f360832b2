import { describe, expect, it } from 'vitest';
import { wellBehavedClientOf } from './well-behaved-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services } from './attacked-services.ts';

/** How many come at once. */
const many = 200;

const servers = attackedServers();

describe('200 clients at once', () => {
  it.each(services)('are each served by $name as one alone is', async (service) => {
    const crowd = await Promise.all(
      Array.from({ length: many }, () => wellBehavedClientOf(servers.process, service)),
    );
    await Promise.all(crowd.map((wellBehaved) => wellBehaved.visit()));
    await Promise.all(crowd.map((wellBehaved) => wellBehaved.recall()));
    for (const wellBehaved of crowd) wellBehaved.close();
    expect(await servers.process.faults()).toEqual([]);
  });
});
