import { setTimeout as delay } from 'node:timers/promises';
import { askFrom } from '#shared/terminal/ask-from.ts';
import type { PairContext, Questions } from '#shared/terminal/ask.ts';
import { CannotUseCertificates } from '#shared/certificates/cannot-use-certificates.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { Interrupted, onPrompt } from '#shared/terminal/prompt.ts';
import { faultOf } from '../../wire/faults.ts';
import { failedCall } from './failed-call.ts';
import { giveUp, leave, restartServer, started, tell } from './command-link.ts';
import { load } from './load.ts';
import { printFault } from './print-fault.ts';

await import('../../wire/guard/server-guard.ts');

/** How long a client stays after it has met an unwritten step, in milliseconds. */
const lingerMs = 200;

let failing = false;

/** Says why the client has failed, and ends it. What fails in consequence is not said. */
const fail = async (error: unknown, address: string, folder: string): Promise<void> => {
  if (failing) return;
  failing = true;
  if (error instanceof Interrupted) leave(130);
  if (isServiceError(error)) {
    for (const line of await failedCall(error, address, folder)) console.error(line);
  } else if (error instanceof CannotUseCertificates) {
    console.error(error.message);
  } else {
    const fault = faultOf(error);
    printFault(fault, console.error);
    // The steps that are written have their effect on the wire before this process takes it away.
    if (fault.kind === 'unwritten') await delay(lingerMs);
  }
  leave(1);
};

/** Runs a lesson's client to its end. */
export const callLesson = async (folder: string): Promise<void> => {
  const lesson = await load('#answers', folder, 'client');
  const questions = (lesson.questions ?? {}) as Questions;
  const main = lesson.main as (context: PairContext) => Promise<void>;
  tell({ type: 'loaded', questions });
  const { address, given, addresses } = await started;
  onPrompt((open) => tell({ type: 'asking', open }));

  process.on('uncaughtException', (error) => void fail(error, address, folder));
  process.on('unhandledRejection', (error) => void fail(error, address, folder));
  const neverEnds = (): never =>
    giveUp('The client waits for something that can no longer come: is every promise resolved or rejected?');
  process.on('beforeExit', neverEnds);
  // From here on only the client's own work keeps this process alive.
  process.channel?.unref();
  try {
    await main({
      address,
      ask: askFrom(questions, given),
      addresses: addresses ?? [address],
      restart: addresses && restartServer,
    });
  } catch (error) {
    await fail(error, address, folder);
    return;
  }
  process.off('beforeExit', neverEnds);
  // A channel that the learner forgot to close would keep the process alive.
  process.stdout.write('', () => leave(Number(process.exitCode ?? 0)));
};
