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
    //#region Step 3 · See who has answered
    const request = { greeting: 'Hello', name };
    const call = stub.hello(request, { deadline: Date.now() + 3_000 }, () => {});
    call.on('status', ({ code, details, metadata }) => {
      const [by = ''] = metadata.get('served-by');
      resolve({ by: String(by), code, details });
    });
    //#endregion
  });

// How the channel shares its calls out among the servers.
export const sharing = (how: 'evenly' | 'by load'): Policy[] => {
  //#region Step 4 · Share the calls out
  if (how === 'evenly') return [{ round_robin: {} }];
  return [
    {
      weighted_round_robin: {
        enable_oob_load_report: true,
        oob_load_reporting_period: '0.1s',
        blackout_period: '0s',
        weight_update_period: '0.2s',
      },
    },
  ];
  //#endregion
};

// How it does that evenly, among those servers that answer well.
export const sparing = (): Policy[] => {
  //#region Step 5 · Leave out one that is sick
  return [
    {
      outlier_detection: {
        interval: { seconds: 0, nanos: 400_000_000 },
        base_ejection_time: { seconds: 1, nanos: 0 },
        failure_percentage_ejection: { threshold: 50, minimum_hosts: 2, request_volume: 3 },
        child_policy: [{ round_robin: {} }],
      },
    },
  ];
  //#endregion
};

// A resolver: tells the channel where the servers are, as often as the list changes.
export const follow = (list: AddressList, listener: ResolverListener): Resolver => {
  //#region Step 6 · Look the name up yourself
  let stop = (): void => {};
  return {
    updateResolution: () => {
      stop();
      stop = list.watch((addresses, problem) => {
        const endpoints = addresses.map((address) => ({ addresses: [address] }));
        const failure = { code: status.UNAVAILABLE, details: problem ?? '' };
        if (problem === undefined) listener(experimental.statusOrFromValue(endpoints), {}, null, '');
        else listener(experimental.statusOrFromError(failure), {}, null, '');
      });
    },
    destroy: () => stop(),
  };
  //#endregion
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
