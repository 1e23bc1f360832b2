import { describe, expect, it } from 'vitest';
import { innocentOf } from './innocent.ts';
import { serversUp } from './servers.ts';
import { victims } from './victims.ts';

/** How many come at once. */
const many = 200;

const servers = serversUp();

describe('200 clients at once', () => {
  it.each(victims)('are each served by $name as one alone is', async (victim) => {
    const crowd = await Promise.all(Array.from({ length: many }, () => innocentOf(servers.process, victim)));
    await Promise.all(crowd.map((innocent) => innocent.visit()));
    await Promise.all(crowd.map((innocent) => innocent.recall()));
    for (const innocent of crowd) innocent.close();
    expect(await servers.process.faults()).toEqual([]);
  });
});
