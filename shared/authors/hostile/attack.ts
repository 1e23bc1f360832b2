import { expect } from 'vitest';
import { headersFor, wellBehavedClientOf } from './well-behaved-client.ts';
import { RawClient } from './raw-client.ts';
import type { AttackedProcess } from './attacked-process.ts';
import type { Target, AttackedService } from './attacked-services.ts';

/**
 * Attacks a server while a well-behaved client calls it, and looks that this client is served as ever: during the attack,
 * after it, and with all that was acknowledged to it. Nothing may have gone wrong in the code of the servers.
 *
 * @param attack - what is done to the server
 */
export const attackBesideClient = async (
  server: AttackedProcess,
  service: AttackedService,
  attack: () => Promise<void>,
): Promise<void> => {
  const wellBehaved = await wellBehavedClientOf(server, service);
  try {
    const state = { over: false };
    const attacking = attack().finally(() => {
      state.over = true;
    });
    attacking.catch(() => {});
    do await wellBehaved.visit();
    while (!state.over);
    await attacking;
    await wellBehaved.visit();
    await wellBehaved.recall();
  } finally {
    wellBehaved.close();
  }
  expect(await server.faults()).toEqual([]);
};

/**
 * Attacks every method of a server, one after the other, from one connection, while a well-behaved client calls it.
 *
 * @param attack - what is done to a method. Its client may send what it likes; to lesson 9, as an admin
 */
export const everyMethod = async (
  server: AttackedProcess,
  service: AttackedService,
  attack: (client: RawClient, target: Target) => Promise<void>,
): Promise<void> => {
  const client = await RawClient.to(server, service, { headers: await headersFor(server, service) });
  await attackBesideClient(server, service, async () => {
    for (const target of service.targets) await attack(client, target);
  });
  client.vanish();
};
