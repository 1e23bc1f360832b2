import { credentials, experimental, status } from '@grpc/grpc-js';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import {
  addressesIn,
  registerList,
  type AddressList,
  type Resolver,
  type ResolverListener,
} from '#shared/balancing/address-list.ts';
import { mustAnswer } from '#shared/balancing/orders.ts';
import { showList, showLoad, showSick, showTurns, type Answer } from '#shared/balancing/demonstrations.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Policy } from '#shared/grpc/service-config.ts';
import type { PairContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// Makes one call, and resolves with who has answered, and how.
export const greet = (stub: HelloClient, name: string): Promise<Answer> =>
  new Promise((resolve) => {
    // TODO 3 · See who has answered
    throw new Error('Step 3 is not written yet');
  });

// How the channel shares its calls out among the servers.
export const sharing = (how: 'evenly' | 'by load'): Policy[] => {
  // TODO 4 · Share the calls out
  throw new Error('Step 4 is not written yet');
};

// How it does that evenly, among those servers that answer well.
export const sparing = (): Policy[] => {
  // TODO 5 · Leave out one that is sick
  throw new Error('Step 5 is not written yet');
};

// A resolver: tells the channel where the servers are, as often as the list changes.
export const follow = (list: AddressList, listener: ResolverListener): Resolver => {
  // TODO 6 · Look the name up yourself
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  show: {
    message: 'What would you like to see?',
    initial: 'turns',
    choices: ['turns', 'load', 'sick', 'list'],
  },
  also: { message: 'Which other servers are there? (addresses, with commas between)', initial: '' },
} satisfies Questions;

// From here on: what the pair shows. There is nothing left for you to write.

/** A client of all servers that the target stands for. */
export const connect = (target: string, policies: readonly Policy[]): HelloClient =>
  new Hello(target, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: policies }),
  });

export const main = async ({ addresses, ask, restart }: PairContext<typeof questions>): Promise<void> => {
  const what = await ask.one('show');
  const all = [...addresses, ...addressesIn(restart ? '' : await ask.one('also'))];
  await Promise.all(all.map(mustAnswer));
  const calling = { addresses: all, connect, greet };
  if (what === 'load') await showLoad(calling, sharing);
  else if (what === 'sick') await showSick(calling, sparing());
  else if (what === 'list') {
    registerList(follow);
    await showList(calling, sharing('evenly'));
  } else await showTurns(calling, sharing('evenly'));
};
