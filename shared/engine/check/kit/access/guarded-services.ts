/** Services behind a lesson's guard, with a clock, timers and a log that belong to the check. */
import { Client, status, type Metadata, type ServerInterceptor } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { admin, refusal, signedIn, type AccessTable } from '#shared/access/access-table.ts';
import { callerOf, type Caller } from '#shared/access/caller.ts';
import type { GuardParts } from '#shared/access/refusable-call.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { hear, soon } from '../calls.ts';
import { must, same } from '../check-failure.ts';
import { faults } from '../expected-faults.ts';
import { stubAt, trackedAddress } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { echoServices, methods } from './echo-services.ts';
import { said, type Outcome } from './outcome.ts';
import { bearing, named, now } from './people.ts';

/** What a lesson's server has to offer. */
export interface GuardLesson {
  guard(parts: GuardParts): ServerInterceptor;
  table: AccessTable;
}

/** Rules that are others than those of the lesson's table. */
const otherRules: AccessTable = {
  '/livechat.ChatService/SendMessage': admin,
  '/hello.Hello/hello': signedIn,
  '/hello.Hello/biHello': signedIn,
};

/**
 * Brings up services that a lesson's guard stands before.
 *
 * @param lesson - has the guard, and the table that most rules are taken from
 * @param rules - other rules than those of the table
 * @param identify - how a token is checked; by default it is a name
 * @param whose - how a handler learns whose call it has. A lesson that was loaded anew has notes of its own about that
 */
export const guardedServices = async (
  { guard, table }: GuardLesson,
  rules = otherRules,
  identify: GuardParts['identify'] = named,
  whose: (call: { metadata: Metadata }) => Caller | undefined = callerOf,
) => {
  const log: string[] = [];
  const reached: { method: string; caller: Caller | undefined }[] = [];
  const received: unknown[] = [];
  const cancelled = signal();
  const services = echoServices((method, call) => {
    // Anybody may call SendOTP, so nobody is known there.
    reached.push({ method, caller: method === 'SendOTP' ? undefined : whose(call) });
    if (methods[method]!.requestStream) call.on('data', (request) => received.push(request));
    call.on('cancelled', () => cancelled.send());
    return undefined;
  });
  const timers: { run: () => void; milliseconds: number; isStopped: boolean }[] = [];
  const stopped = signal();
  const later = (run: () => void, milliseconds: number) => {
    const timer = { run, milliseconds, isStopped: false };
    timers.push(timer);
    return () => {
      timer.isStopped = true;
      stopped.send();
    };
  };
  const met: unknown[] = [];
  const meet = (fault: unknown): void => void met.push(fault);
  faults.subscribe(meet);
  onTestFinished(() => void faults.unsubscribe(meet));
  const parts = { identify, now: () => now, later, log: (line: string) => log.push(line) };
  const all = { ...table, ...rules };
  const interceptors = [guard({ ...parts, rules: all })];
  const address = trackedAddress(await serveAll(services, '127.0.0.1:0', { interceptors }));
  const client = stubAt(Client, address);
  /** Begins a call of any kind: on the wire, each looks like one with streams on both sides. */
  const begin = (method: string, metadata: Metadata, ...requests: object[]) => {
    const { path, requestSerialize, responseDeserialize } = methods[method]!;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, soon());
    for (const request of requests) call.write(request);
    return call;
  };
  return {
    /**
     * Demands that the log has one line, which says of a call to this method why it was refused; and empties it.
     *
     * @param of - who has asked for what: then it has to be the reason that the table gives
     */
    expectLogged: (method: string, advice: string, of?: { caller: Caller; request: object }): void => {
      const { path } = methods[method]!;
      const why = of && refusal(all, path, of.caller, of.request);
      const lines = log.splice(0).map((line) => (why ? line : line.replace(/: \S.*$/, ': why')));
      same(lines, [`refused ${path}: ${why ?? 'why'}`], advice);
    },
    log,
    /** Whose call each handler has got. */
    reached,
    /** The requests of streams that have come to a handler. */
    received,
    /** What went wrong in the lesson's code on the way: a step that is not written yet, too. */
    met,
    /** Sent when a handler is told that its call is over. */
    cancelled: cancelled.sent,
    /** The timers that were set; they run when the check says so. */
    timers,
    /** Sent when a timer is stopped. */
    stopped: stopped.sent,
    begin,
    /** Begins a stream as ada, and waits for its first message. */
    listening: async (advice: string, method = 'ReceiveMessage') => {
      const stream = begin(method, bearing('ada'), {});
      // A stream of requests stays open; a single request comes with its end.
      if (method === 'ReceiveMessage') stream.end();
      const first = signal();
      stream.once('data', () => first.send());
      const heard = hear(stream);
      const ended = await Promise.race([first.sent, heard.then((came) => came.ended)]);
      must(!ended, { expected: 'the stream to begin', came: ended ? said(ended) : '', advice });
      return { stream, heard };
    },
    /** Makes a call with all its requests, and leaves a stream that goes on once its first message has come. */
    call: async (...[method, ...rest]: Parameters<typeof begin>): Promise<Outcome> => {
      const { requestStream, responseStream } = methods[method]!;
      const stream = begin(method, ...rest);
      stream.end();
      const { messages, ended } = await hear(stream, responseStream && !requestStream ? 1 : Infinity);
      const { code, details } = ended ?? { code: status.OK, details: '' };
      return { code, details, reply: messages[0] };
    },
  };
};
