/**
 * The process that runs one half of a lesson. Its command line: the half, the lesson's folder, and `pair` when the
 * other half runs beside it. The command that started it says over IPC when to begin, and where.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { quietWhenClosed } from '../terminal/quiet-when-closed.ts';
import { explainStatus, isServiceError } from '../terminal/explain-status.ts';
import { askFrom, type ClientContext, type Questions } from '../terminal/ask.ts';
import { Interrupted } from '../terminal/prompt.ts';
import type { Listening } from '../grpc/serve.ts';
import type { FromHalf, ToHalf } from './half-messages.ts';
import type { Half } from './paths.ts';
import { placeText } from './place.ts';
import { loadFailure } from './load-failure.ts';
import { failOpenCalls, faultOf, faults, wire, type Fault, type WireEvent } from './preload.ts';

const [half, folder, mode] = process.argv.slice(2) as [Half, string, 'pair' | 'alone'];

/** How long open calls may go on when a server is stopped by hand, in milliseconds. */
const grace = 1_000;

/** How long a half of a pair stays to let the wire come to rest, in milliseconds. */
const respite = 200;

quietWhenClosed();

const tell = (message: FromHalf): void => {
  process.send?.(message);
};

const started = new Promise<Extract<ToHalf, { type: 'start' }>>((resolve) => {
  process.on('message', (message: ToHalf) => {
    if (message.type === 'start') resolve(message);
    else if (message.type === 'line') {
      console.log(message.line);
      tell({ type: 'shown' });
    } else if (message.type === 'stop') void stop();
  });
});

/** A server first tells how the calls end that its client has left behind. */
let stop = async (): Promise<void> => process.exit(0);

// The command is gone: nothing may stay behind.
process.on('disconnect', () => process.exit(1));

const giveUp = (why: string): never => {
  tell({ type: 'explained' });
  console.error(`! ${why}`);
  process.exit(1);
};

/** A server's faults belong into its log, in order with what goes over the wire; a client's are its last words. */
const printFault = (fault: Fault): void => {
  const print = half === 'server' ? console.log : console.error;
  print(`! ${fault.message}`);
  if (fault.kind === 'unwritten') {
    tell({ type: 'unfinished' });
    return;
  }
  for (const place of fault.places.slice(1)) print(`    called from ${placeText(place)}`);
};

const printWire = (): void => {
  let lastFault = '';
  faults.subscribe((fault) => {
    lastFault = (fault as Fault).message;
  });
  const message = (value: unknown): string =>
    inspect(value, { depth: 6, breakLength: Infinity, maxStringLength: 200, maxArrayLength: 10 });
  wire.subscribe((event) => {
    const { method, kind, value } = event as WireEvent;
    if (kind === 'request') console.log(`${method} ← ${message(value)}`);
    else if (kind === 'reply') console.log(`${method} → ${message(value)}`);
    else if (kind === 'half-close') console.log(`${method} · the client has finished sending`);
    else if (kind === 'cancelled') console.log(`${method} · cancelled: the client has gone`);
    else {
      const text = String(value);
      // The fault itself has just been printed in full.
      const short = lastFault !== '' && text.endsWith(lastFault) ? text.slice(0, text.indexOf(':')) : text;
      console.log(`${method} · ended with ${short}`);
    }
  });
};

const load = async (answers: '#answers' | '../../solutions'): Promise<Record<string, unknown>> => {
  try {
    return (await import(`${answers}/${folder}/${half}.ts`)) as Record<string, unknown>;
  } catch (error) {
    return giveUp(loadFailure(error, folder, half));
  }
};

const whyNotListening = (error: unknown, address: string): string => {
  const text = error instanceof Error ? error.message : String(error);
  const port = address.slice(address.lastIndexOf(':') + 1);
  if (text.includes('EADDRINUSE')) {
    return `Port ${port} is already taken. Most likely a server from another terminal is still running: stop it there with Ctrl-C, or give this one another port, for example --port ${Number(port) + 1}.`;
  }
  if (text.includes('EACCES'))
    return `Port ${port} may not be used by you. Take one from 1024 on, for example --port 50052.`;
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|resolution failed/i.test(text)) {
    return `${address} is no address of this machine. Check --host.`;
  }
  return `The server could not start: ${faultOf(error).message}`;
};

type Start = (address: string, handlers?: Record<string, unknown>) => Promise<Listening>;

const serveLesson = async (): Promise<void> => {
  process.on('uncaughtException', failOpenCalls);
  process.on('unhandledRejection', failOpenCalls);
  faults.subscribe((fault) => printFault(fault as Fault));
  printWire();

  const lesson = await load('#answers');
  tell({ type: 'loaded', questions: {} });
  const { address } = await started;
  const begin = async (): Promise<Listening> => (lesson.start as Start)(address);
  const listening = await begin().catch(async (error: unknown) => {
    const fault = faultOf(error);
    if (fault.kind !== 'unwritten') return giveUp(whyNotListening(error, address));
    // The learner's handlers can be called all the same, by a server that the workbook brings up.
    tell({ type: 'stand-in', message: fault.message });
    tell({ type: 'unfinished' });
    const solution = await load('../../solutions');
    return (solution.start as Start)(address, lesson);
  });
  const port = listening?.port;
  if (!port) {
    giveUp(
      `The server has no port: start() resolved with ${inspect(listening, { depth: 0 })} instead of { server, port }.`,
    );
  }
  console.log(`listening on ${address.slice(0, address.lastIndexOf(':'))}:${port}`);
  tell({ type: 'listening', port });

  const leave = (code: number, within: number): void => {
    listening.server.tryShutdown(() => process.exit(code));
    setTimeout(() => process.exit(code), within);
  };
  stop = async () => leave(0, respite);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // In a pair the command itself decides when the server ends: after the client.
    process.on(signal, () => {
      if (mode === 'pair') return;
      console.log('stopping: open calls may end, no new ones begin');
      leave(signal === 'SIGINT' ? 130 : 143, grace);
    });
  }
};

const failClient = async (error: unknown, address: string): Promise<never> => {
  if (error instanceof Interrupted) process.exit(130);
  if (isServiceError(error)) {
    console.error(explainStatus(error, address));
  } else {
    const fault = faultOf(error);
    printFault(fault);
    // The steps that are written have their effect on the wire before this process takes it away.
    if (fault.kind === 'unwritten') await delay(respite);
  }
  process.exit(1);
};

const callLesson = async (): Promise<void> => {
  const lesson = await load('#answers');
  const questions = (lesson.questions ?? {}) as Questions;
  tell({ type: 'loaded', questions });
  const { address, given } = await started;
  process.on('uncaughtException', (error) => void failClient(error, address));
  process.on('unhandledRejection', (error) => void failClient(error, address));
  const waiting = (): never =>
    giveUp('The client waits for something that can no longer come: is every promise resolved or rejected?');
  process.on('beforeExit', waiting);
  // From here on only the client's own work keeps this process alive.
  process.channel?.unref();
  try {
    await (lesson.main as (context: ClientContext) => Promise<void>)({
      address,
      ask: askFrom(questions, given),
    });
  } catch (error) {
    await failClient(error, address);
  }
  process.off('beforeExit', waiting);
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  process.exit();
};

await (half === 'server' ? serveLesson() : callLesson());
