/** The process of servers. Its command line: who serves, and which services. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Fault } from '../../engine/wire/faults.ts';
import { lessonServers, type ServiceName } from './lesson-servers.ts';
import type { Answers, Open, Up, Usage, Variant } from './server-process.ts';

const [variant, ...names] = process.argv.slice(2) as [Variant, ...ServiceName[]];

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

const folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-services-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const start = async (name: ServiceName): Promise<{ port: number }> => {
  if (variant === 'ws') return (await import('./websocket.ts')).serveWebSocket(name);
  if (variant === 'bare' && name !== 'access control alone')
    return (await import('./bare-services.ts')).serveBare(name);
  return lessonServers[name](folder, variant);
};

const ports: Up['ports'] = {};
for (const name of names) ports[name] = (await start(name)).port;

const collectGarbage = (): void => {
  // Twice: the first may leave what only finalizers let go.
  globalThis.gc?.();
  globalThis.gc?.();
};

const usage = (): Usage => {
  const { user, system } = process.cpuUsage();
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpu: user + system, resident: rss, held: heapUsed + external };
};

/** How many there are of a class. Node.js 20.13 and later can tell; where it cannot, there are none. */
const alive = (constructor: unknown): number =>
  (v8 as { queryObjects?: (constructor: unknown) => number }).queryObjects?.(constructor) ?? 0;

const open = async (): Promise<Open> => {
  // grpc-js keeps to itself what holds a call; nothing else tells as surely that a call is forgotten.
  const require = createRequire(import.meta.resolve('@grpc/grpc-js'));
  const { BaseServerInterceptingCall } = require('./server-interceptors.js') as Record<string, unknown>;
  const { Subscriber } = await import('#answers/06-live-chat/server.ts');
  collectGarbage();
  const resources = process.getActiveResourcesInfo();
  return {
    connections: resources.filter((name) => name === 'TCPSocketWrap').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    calls: alive(BaseServerInterceptingCall),
    subscribers: alive(Subscriber),
  };
};

const answers = { usage, open, faults: () => faults };
process.on('message', async (question: keyof Answers) => process.send!(await answers[question]()));
process.on('disconnect', () => process.exit());

process.send!({ ports, folder } satisfies Up);
