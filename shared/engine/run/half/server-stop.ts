import { setTimeout as delay } from 'node:timers/promises';
import type { Listening } from '#shared/grpc/serve.ts';
import { callsHaveEnded, failOpenCalls } from '../../wire/guard/open-calls.ts';
import { leave, onStop } from './command-link.ts';

/** How long open calls may go on when a server is stopped by hand, in milliseconds, unless the lesson says it. */
const graceMs = 1_000;

/**
 * How long a server of a pair waits at most, once the client has gone, until it has seen that, in milliseconds: its calls
 * end by themselves then. On a busy machine it takes a while.
 */
const lingerMs = 1_000;

/** How long it may take to stop after that, in milliseconds. */
const stopMs = 200;

/**
 * Stops a server when the command asks for it, or, where it runs alone, a signal.
 *
 * @param mode - in a pair, signals are for the command: it ends the server after the client. Where it is one of several,
 *   SIGTERM is for the server: the client may have it restarted, while others serve
 * @returns how long it may take to stop by a signal, in milliseconds
 */
export const stopWhenAsked = (listening: Listening, mode: 'pair' | 'one of several' | 'alone'): number => {
  const { stopMs: patience = graceMs } = listening;
  let leaving = false;
  const leaveWithin = (code: number, time: number): void => {
    if (leaving) return;
    leaving = true;
    setTimeout(() => leave(code), time);
    // A service that cannot stop well is stopped all the same.
    const stopped = (async () => listening.stop?.())().catch(failOpenCalls);
    void stopped.then(() =>
      listening.server.tryShutdown(async () => {
        await callsHaveEnded();
        leave(code);
      }),
    );
  };
  onStop(() => {
    const waited = delay(lingerMs, undefined, { ref: false });
    void Promise.race([callsHaveEnded(), waited]).then(() => leaveWithin(0, stopMs));
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (mode === 'pair' || (mode === 'one of several' && signal === 'SIGINT')) return;
      const time = patience === graceMs ? 'a second' : `${patience / 1_000} seconds`;
      console.log(`stopping: calls that are open have ${time} to end`);
      leaveWithin(signal === 'SIGINT' ? 130 : 143, patience);
    });
  }
  return patience;
};
