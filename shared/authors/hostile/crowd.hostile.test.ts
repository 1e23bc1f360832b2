import { expect, it } from 'vitest';
import { Attacked } from './attack.ts';
import { services, wellBehavedClientOf } from './attacked-services.ts';

const attacked = await Attacked.servers();

it.each(services)('200 clients at once are each served by $name as one alone is', async (service) => {
  const crowd = await Promise.all(
    Array.from({ length: 200 }, () => wellBehavedClientOf(attacked.process, service)),
  );
  await Promise.all(crowd.map((wellBehaved) => wellBehaved.visit()));
  await Promise.all(crowd.map((wellBehaved) => wellBehaved.recall()));
  for (const wellBehaved of crowd) wellBehaved.close();
  expect(await attacked.process.ask('faults')).toEqual([]);
});
