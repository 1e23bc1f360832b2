/** The process of the servers under attack: each lesson's solution, as its `start` brings it up. */
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Listening } from '#shared/grpc/serve.ts';
import type { Fault } from '../../engine/wire/faults.ts';
import type { Question, State, Variant } from './attacked-process.ts';
import { adminPhone, type VictimName } from './attacked-services.ts';

const anywhere = '127.0.0.1:0';
const [variant] = process.argv.slice(2) as [Variant];

const faults: string[] = [];
if (variant === 'watched') {
  // As `npm run lesson:N` runs a server: with somebody who wants to know what goes over the wire.
  await import('../../engine/wire/guard/server-guard.ts');
  const { faults: failures } = await import('../../engine/wire/faults.ts');
  const { wire } = await import('../../engine/wire/wire-events.ts');
  const { wireText } = await import('../../engine/wire/wire-text.ts');
  failures.subscribe((fault) => faults.push((fault as Fault).message));
  wire.subscribe((event) => wireText(event));
}
// What would end a server whose author has not thought of it.
const astray = (error: unknown): void =>
  void faults.push(`astray: ${(error as Error)?.stack ?? String(error)}`);
process.on('uncaughtException', astray);
process.on('unhandledRejection', astray);

const folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string): string => path.join(folder, name);

/** A pause between the parrot's replies that nobody has to wait for long. */
const shortPause = 20;

const starts: Record<VictimName, () => Promise<Listening>> = {
  'lesson 1': async () => (await import('#answers/01-unary-hello/server.ts')).start(anywhere),
  'lesson 2': async () =>
    (await import('#answers/02-server-streaming/server.ts')).start(anywhere, shortPause),
  'lesson 3': async () => (await import('#answers/03-client-streaming/server.ts')).start(anywhere),
  'lesson 4': async () => (await import('#answers/04-bidirectional-streaming/server.ts')).start(anywhere),
  'lesson 5': async () => (await import('#answers/05-chat/server.ts')).start(anywhere),
  'lesson 6': async () => (await import('#answers/06-live-chat/server.ts')).start(anywhere),
  'lesson 7': async () =>
    (await import('#answers/07-users/server.ts')).start(anywhere, { db: inFolder('users.db') }),
  'lesson 8': async () =>
    (await import('#answers/08-phone-otp/server.ts')).start(anywhere, { db: inFolder('otp.db') }),
  'lesson 9': async () =>
    (await import('#answers/09-access-control/server.ts')).start(anywhere, {
      db: inFolder('accounts.db'),
      admin: adminPhone,
      life: '600',
      rotate: 'no',
    }),
  'lesson 10': async () =>
    (await import('#answers/10-secure-connection/server.ts')).start(
      anywhere,
      { clients: 'known' },
      inFolder('certificates'),
    ),
  'lesson 10, to anybody': async () =>
    (await import('#answers/10-secure-connection/server.ts')).start(
      anywhere,
      { clients: 'any' },
      inFolder('certificates'),
    ),
};

const ports: Record<string, number> = {};
for (const [name, start] of Object.entries(starts)) ports[name] = (await start()).port;

// grpc-js keeps to itself what holds a call; nothing else tells as surely that a call is forgotten.
const require = createRequire(import.meta.resolve('@grpc/grpc-js'));
const { BaseServerInterceptingCall } = require('./server-interceptors.js') as {
  BaseServerInterceptingCall: new () => unknown;
};
const { Subscriber } = await import('#answers/06-live-chat/server.ts');

/** How many there are of a class. Node.js 20.13 and later can tell; where it cannot, there are none. */
const alive = (constructor: unknown): number =>
  (v8 as { queryObjects?: (constructor: unknown) => number }).queryObjects?.(constructor) ?? 0;

const report = (): State => {
  // Twice: the first may leave what only finalizers let go.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    held: heapUsed + external,
    open: {
      connections: resources.filter((name) => name === 'TCPSocketWrap').length,
      timers: resources.filter((name) => name === 'Timeout').length,
      calls: alive(BaseServerInterceptingCall),
      subscribers: alive(Subscriber),
    },
  };
};

process.on('message', (message: Question) => {
  if (message === 'stop') process.exit();
  process.send!(message === 'faults' ? faults : report());
});
process.on('disconnect', () => process.exit());

process.send!({ ports, folder });
