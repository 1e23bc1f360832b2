/** What the client shows that calls a front. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { status, type ServiceError } from '@grpc/grpc-js';
import type { User__Output } from '#protos/generated/user/User.ts';
import { detailsOf } from '../grpc/error-details.ts';
import { isServiceError } from '../grpc/service-error.ts';

/** What a client wants to know, and how long it waits. */
export interface Asked {
  /** The user's id. */
  id: string;
  /** Goes with the call to all who work on it. */
  requestId: string;
  /** How long the call may take, in milliseconds. */
  patience: number;
  /** The client leaves when it is aborted. */
  leaving: AbortSignal;
}

type Find = (asked: Asked) => Promise<Pick<User__Output, 'name'>>;

/** How long a client waits that is in no hurry, in milliseconds. */
const usualPatience = 2_000;

/** @returns whether nobody was there, or a step is still to be written: nothing to be shown then */
const isNoAnswer = ({ code, details }: ServiceError): boolean =>
  code === status.UNIMPLEMENTED || details.startsWith('No connection established');

/** As long as a query for Grace would take that nothing stops, in milliseconds: whether all have stopped can be seen then. */
const whole = 1_400;

/** Makes one call, and shows how it ends. */
const showOne = async (
  find: Find,
  id: string,
  { patience = usualPatience, leaveAfter = Infinity, lingerMs = 20 } = {},
): Promise<void> => {
  const requestId = randomUUID();
  const leaving = new AbortController();
  const timer = leaveAfter < Infinity ? setTimeout(() => leaving.abort(), leaveAfter) : undefined;
  const began = performance.now();
  const asked = { id, requestId, patience, leaving: leaving.signal };
  const end = await find(asked).then(
    ({ name }) => `OK, ${name}`,
    (error: unknown) => {
      if (!isServiceError(error) || isNoAnswer(error)) throw error;
      const { reason, violations } = detailsOf(error);
      const wrong = violations.map(({ field }) => `the field ${field}`);
      const beside = [...(reason === undefined ? [] : [reason]), ...wrong]
        .map((each) => ` (${each})`)
        .join('');
      return `${status[error.code]}, ${error.details}${beside}`;
    },
  );
  clearTimeout(timer);
  const lasted = Math.round(performance.now() - began);
  console.log(`${requestId.slice(-8)}  client    within ${lasted} ms: ${end}`);
  // What the servers still say of this call comes before what they say of the next one, or before they end.
  await delay(lingerMs);
};

/** What can be shown, by the name of the choice. */
export const shows: Readonly<Record<string, (find: Find) => Promise<void>>> = {
  leave: async (find) => {
    await showOne(find, 'ada');
    await showOne(find, 'grace', { leaveAfter: 500, lingerMs: whole });
  },
  early: async (find) => {
    await showOne(find, 'ada');
    await showOne(find, 'grace', { leaveAfter: 20, lingerMs: whole });
  },
  late: async (find) => {
    await showOne(find, 'ada');
    await showOne(find, 'grace', { patience: 200, lingerMs: whole });
  },
  errors: async (find) => {
    for (const id of ['', 'nobody', 'broken']) await showOne(find, id);
  },
  silent: async (find) => {
    for (let call = 0; call < 3; call += 1) await showOne(find, 'ada');
  },
};
