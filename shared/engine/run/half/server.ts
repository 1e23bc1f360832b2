import { inspect } from 'node:util';
import type { Listening } from '#shared/grpc/serve.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';
import { CannotUseCertificates } from '#shared/certificates/cannot-use-certificates.ts';
import { CannotOpenDatabase } from '#shared/storage/database-errors.ts';
import { faultOf } from '../../wire/faults.ts';
import { failOpenCalls } from '../../wire/guard/open-calls.ts';
import { giveUp, started, tell } from './command-link.ts';
import { load } from './load.ts';
import { logServer } from './server-log.ts';
import { stopWhenAsked } from './server-stop.ts';
import { valuesOf } from './setting-values.ts';

await import('../../wire/guard/server-guard.ts');

/** Takes the values of the lesson's settings; a lesson without settings takes handlers, when they are not its own. */
type Start = (address: string, given?: SettingValues | Record<string, unknown>) => Promise<Listening>;

const whyNotListening = (error: unknown, folder: string, address: string): string => {
  if (error instanceof CannotOpenDatabase || error instanceof CannotUseCertificates) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  const port = address.slice(address.lastIndexOf(':') + 1);
  const command = `npm run lesson:${Number(folder.slice(0, 2))} server -- --port`;
  if (text.includes('EADDRINUSE')) {
    return `Port ${port} is already taken. Most likely a server from another terminal is still running: stop it there with Ctrl-C, or give this one another port: ${command} ${Number(port) + 1}`;
  }
  if (text.includes('EACCES')) {
    return `Port ${port} may not be used by you. Take one from 1024 on: ${command} 50052`;
  }
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|resolution failed/i.test(text)) {
    return `${address} is no address of this machine. Check --host.`;
  }
  return `The server could not start: ${faultOf(error).message}`;
};

/** Brings up the learner's server; or, while that is not written yet, a server of the workbook with their handlers. */
const listen = async (
  lesson: Record<string, unknown>,
  folder: string,
  address: string,
  values: SettingValues | undefined,
): Promise<Listening> => {
  try {
    return await (lesson.start as Start)(address, values);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.kind !== 'unwritten') return giveUp(whyNotListening(error, folder, address));
    tell({ type: 'stand-in', message: fault.message });
    tell({ type: 'unfinished' });
    const solution = await load('../../../../solutions', folder, 'server');
    return (solution.start as Start)(address, lesson);
  }
};

/**
 * Runs a lesson's server until the command or a signal ends it.
 *
 * @param mode - in a pair, the command decides when the server ends: after the client
 */
export const serveLesson = async (folder: string, mode: 'pair' | 'alone'): Promise<void> => {
  process.on('uncaughtException', failOpenCalls);
  process.on('unhandledRejection', failOpenCalls);
  const quiet = new Set<string>();
  logServer(quiet);

  const lesson = await load('#answers', folder, 'server');
  const { servers = 1, quiet: quietMethods = [] } = (lesson.pair ?? {}) as Partial<PairSettings>;
  for (const method of quietMethods) quiet.add(method);
  const settings = lesson.settings as Settings | undefined;
  tell({ type: 'loaded', questions: settings ?? {}, servers });
  const { address, given } = await started;
  const values = settings && valuesOf(settings, given);
  const listening = await listen(lesson, folder, address, values);
  if (!listening?.server || !listening.port) {
    giveUp(
      `The server has no port: start() resolved with ${inspect(listening, { depth: 0 })} instead of { server, port }.`,
    );
  }
  const { port } = listening;
  console.log(`listening on ${address.slice(0, address.lastIndexOf(':'))}:${port}`);
  const stopMs = stopWhenAsked(listening, mode === 'pair' && servers > 1 ? 'one of several' : mode);
  tell({ type: 'listening', port, stopMs });
};
