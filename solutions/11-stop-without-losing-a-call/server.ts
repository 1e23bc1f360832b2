import { setTimeout as delay } from 'node:timers/promises';
import { status, type Server } from '@grpc/grpc-js';
import { users } from '#answers/07-users/server.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { serveAll, type Listening } from '#shared/grpc/serve.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { Health, HealthService, type OpenWatch } from '#shared/health/health.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

// The two names under which this server tells its health. A name is all that tells them apart.
const alive = '';
const ready = 'user.UserService';

/** How long each part of leaving may take, in milliseconds. */
const times = { heard: 500, drain: 500, limit: 1_500 };

// Called when the server takes calls already, and does not yet know whether it can answer them.
export const comeUp = async (health: Health, warmUp: () => Promise<void>): Promise<void> => {
  //#region Step 1 · Be alive at once, and ready later
  health.set(alive, 'SERVING');
  health.set(ready, 'NOT_SERVING');
  await warmUp();
  health.set(ready, 'SERVING');
  //#endregion
};

// The server is told to leave. `heard` resolves when everybody has had the time to hear of it.
export const stepBack = async (health: Health, heard: () => Promise<void>): Promise<void> => {
  //#region Step 2 · Say that you are leaving, before you leave
  health.set(ready, 'NOT_SERVING');
  await heard();
  //#endregion
};

// Nobody else ends these: they would stay open for as long as their readers live.
export const endStreams = (streams: Iterable<OpenWatch>): void => {
  //#region Step 3 · Send the readers of streams elsewhere
  for (const stream of streams) {
    stream.emit('error', { code: status.UNAVAILABLE, details: 'This server is leaving.' });
  }
  //#endregion
};

// What is left now are calls that will soon be answered; or will never be.
export const close = (
  server: Server,
  address: string,
  { drain, limit }: Pick<typeof times, 'drain' | 'limit'>,
): Promise<'in time' | 'by force'> =>
  new Promise((resolve) => {
    //#region Step 4 · Drain, then close, but not for ever
    server.drain(address, drain);
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve('by force');
    }, limit);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve('in time');
    });
    //#endregion
  });

// From here on: the server as a whole. There is nothing left for you to write.
export const pair = { servers: 2, quiet: ['ListUsers'] } satisfies PairSettings;

export const settings = {
  db: { message: 'Which file keeps the users?', initial: '.workbook/users.db' },
} satisfies Settings;

const leaving = { stepBack, endStreams, close };

export const start = async (
  address: string,
  { db = settings.db.initial, ...given }: Partial<SettingValues<typeof settings> & typeof leaving> = {},
): Promise<Listening> => {
  const steps = { ...leaving, ...given };
  const [store, health] = [new UserStore(db), new Health()];
  const services = [
    { service: UserService.service, handlers: users(store) },
    { service: HealthService.service, handlers: health.handlers },
  ];
  const listening = await serveAll(services, address).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const { server, port } = listening;
  try {
    // The first question takes longest: the file is opened, and read.
    await comeUp(health, async () => void store.page(1, ''));
  } catch (error) {
    server.forceShutdown();
    store.close();
    throw error;
  }
  const leave = async (): Promise<void> => {
    await steps.stepBack(health, () => delay(times.heard));
    steps.endStreams(health.watches);
    console.log(`closed ${await steps.close(server, address.replace(/\d+$/, String(port)), times)}`);
    store.close();
  };
  // Whoever asks twice, waits twice; it happens once.
  let left: Promise<void> | undefined;
  return { ...listening, stop: () => (left ??= leave()), stopMs: times.heard + times.limit + 500 };
};
