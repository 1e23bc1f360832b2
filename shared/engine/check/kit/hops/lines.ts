import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectivityState, credentials, type ChannelOptions } from '@grpc/grpc-js';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import { lineTo, type Line } from '#shared/hops/line.ts';
import { inTime } from '../time-limits.ts';
import { tracked, trackedStub } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { UserService } from '../users/service.ts';
import { answered, asking, mustGet, usersOf } from './service.ts';

/** @returns a stub whose channel has these options */
export const stubWith = (address: string, options: ChannelOptions = {}): UserServiceClient =>
  trackedStub(
    new UserService(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    }),
  );

/** @returns a line to a server of the check, and a stub at its other end, which has got an answer over it */
export const overLine = async (
  options: ChannelOptions,
): Promise<{ line: Line; stub: UserServiceClient; isConnected: () => boolean }> => {
  const { address } = await usersOf(answered);
  const line = await lineTo(Number(address.slice(address.lastIndexOf(':') + 1)));
  tracked({ forceShutdown: () => line.close() });
  const stub = stubWith(`127.0.0.1:${line.port}`, options);
  await mustGet(
    stub,
    'ada',
    'Here the line is a good one. Both times are in milliseconds, as they are given.',
  );
  const isConnected = (): boolean =>
    stub.getChannel().getConnectivityState(false) === connectivityState.READY;
  return { line, stub, isConnected };
};

/** @returns how many milliseconds a call is silent until a channel with these options sends a ping; undefined when none comes */
export const firstPing = async (options: ChannelOptions): Promise<number | undefined> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  tracked({ forceShutdown: () => server.close() });
  const pinged = signal<number>();
  server.on('session', (session) => {
    const began = performance.now();
    session.on('ping', () => pinged.send(performance.now() - began));
    tracked({ forceShutdown: () => session.destroy() });
  });
  const { leave } = asking(stubWith(`127.0.0.1:${(server.address() as AddressInfo).port}`, options), 'ada');
  const came = await inTime(pinged.sent);
  leave();
  return came;
};
