import { setTimeout as delay } from 'node:timers/promises';
import { credentials, type ChannelOptions } from '@grpc/grpc-js';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { serve, type Listening } from '../grpc/serve.ts';
import { lineTo } from './line.ts';
import { slowUsers, type Users } from './slow-users.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

/** How long the front looks whether a caller may ask, and how long a query takes, in milliseconds. */
const [admitMs, queryMs] = [50, 260];

/** The query during which a forgetful line forgets: the second one, when all has gone well once. */
const forgottenQuery = 2;

/** What the two servers are made of. */
export interface Hops {
  front(back: UserServiceClient, admit: () => Promise<void>): Pick<UserServiceHandlers, 'GetUser'>;
  back(users: Users): Pick<UserServiceHandlers, 'GetUser'>;
  /** The options of the front's channel to the back. */
  channel: ChannelOptions;
}

/**
 * Brings up a back, on a port of its own, and a front that calls it over a line.
 *
 * @param address - host and port of the front; port 0 lets the system pick a free one
 * @param line - whether the line forgets a connection
 * @returns the front; its `stop` ends the back as well, once the front's calls have ended
 * @throws Error when the address cannot be listened on, for example because the port is taken
 */
export const serveBoth = async (
  address: string,
  { front, back, channel }: Hops,
  line: 'good' | 'forgetful',
): Promise<Listening> => {
  const users = slowUsers(queryMs);
  let queries = 0;
  const inner = await serve(
    UserService.service,
    back({
      find: (...query) => {
        queries += 1;
        if (line === 'forgetful' && queries === forgottenQuery) {
          console.log('the line forgets its connection: what comes on it vanishes');
          wire.forget();
        }
        return users.find(...query);
      },
    }),
    '127.0.0.1:0',
  );
  const wire = await lineTo(inner.port);
  const stub = new UserService(`127.0.0.1:${wire.port}`, credentials.createInsecure(), channel);
  const endBack = (): void => {
    stub.close();
    wire.close();
    inner.server.forceShutdown();
  };
  try {
    const listening = await serve(
      UserService.service,
      front(stub, () => delay(admitMs)),
      address,
    );
    const stop = async (): Promise<void> => {
      await new Promise((resolve) => listening.server.tryShutdown(resolve));
      endBack();
    };
    return { ...listening, stop };
  } catch (error) {
    endBack();
    throw error;
  }
};
