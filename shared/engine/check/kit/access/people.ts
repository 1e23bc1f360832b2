/** Who calls in the checks of access, and when. */
import { Metadata } from '@grpc/grpc-js';
import type { Caller } from '#shared/access/caller.ts';
import { NotIdentified, type Identity } from '#shared/access/tokens.ts';

/** The checks live in 2030: whoever looks at the real clock is seen. */
export const now = Date.UTC(2030, 0, 1, 12);
export const seconds = now / 1_000;

export const ada = { id: 'ada', phone: '+14155550123', role: 'user' } as const satisfies Caller;
export const root = { id: 'root', phone: '+14155550100', role: 'admin' } as const satisfies Caller;

/** Whose each token is, where a token is a name: what is in one is the business of other checks. */
export const people: Readonly<Record<string, Identity>> = {
  // Not in whole seconds: nobody may round.
  ada: { caller: ada, until: now + 37_123 },
  late: { caller: { ...ada, id: 'late' }, until: now - 1 },
  root: { caller: root, until: now + 600_000 },
};

/** @returns whose token it is, where a token is a name */
export const named = async (token: string): Promise<Identity> => {
  if (people[token]) return people[token];
  throw new NotIdentified('nobody has this name');
};

/** @returns headers with this one alone */
export const headers = (key: string, value: string): Metadata => {
  const metadata = new Metadata();
  metadata.set(key, value);
  return metadata;
};

/** @returns headers with this token */
export const bearing = (token: string): Metadata => headers('authorization', `Bearer ${token}`);
