import { expect } from 'vitest';
import { headersFor, innocentOf } from './innocent.ts';
import { RawClient } from './raw-client.ts';
import type { ServerProcess } from './server-process.ts';
import type { Target, Victim } from './victims.ts';

/**
 * Attacks a server while an innocent client calls it, and looks that this client is served as ever: during the attack,
 * after it, and with all that was acknowledged to it. Nothing may have gone wrong in the code of the servers.
 *
 * @param attack - what is done to the server
 */
export const whileInnocent = async (
  server: ServerProcess,
  victim: Victim,
  attack: () => Promise<void>,
): Promise<void> => {
  const innocent = await innocentOf(server, victim);
  try {
    const state = { over: false };
    const attacking = attack().finally(() => {
      state.over = true;
    });
    attacking.catch(() => {});
    do await innocent.visit();
    while (!state.over);
    await attacking;
    await innocent.visit();
    await innocent.recall();
  } finally {
    innocent.close();
  }
  expect(await server.faults()).toEqual([]);
};

/**
 * Attacks every method of a server, one after the other, from one connection, while an innocent client calls it.
 *
 * @param attack - what is done to a method. Its client may send what it likes; to lesson 9, as an admin
 */
export const everyMethod = async (
  server: ServerProcess,
  victim: Victim,
  attack: (client: RawClient, target: Target) => Promise<void>,
): Promise<void> => {
  const client = await RawClient.to(server, victim, { headers: await headersFor(server, victim) });
  await whileInnocent(server, victim, async () => {
    for (const target of victim.targets) await attack(client, target);
  });
  client.vanish();
};
