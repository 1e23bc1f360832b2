/** Stands around every check of a lesson: catches what the learner's code throws, tells how it goes, and cleans up. */
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, type RunnerTestCase } from 'vitest';
import { notLoadable } from '../workbook/load-failure.ts';
import { placesOf, placeText } from '../workbook/place.ts';
import { failOpenCalls, faultOf, faults, type Fault } from '../workbook/preload.ts';
import { closePeers } from './peers.ts';
import { progressChannel, type Failure, type Progress } from './progress.ts';

const channel = new BroadcastChannel(progressChannel);
channel.unref();
const tell = (progress: Progress): void => channel.postMessage(progress);

const caught: Fault[] = [];
faults.subscribe((fault) => caught.push(fault as Fault));

/** Takes an error that has reached the process, and says so: it may look just like the one that was expected. */
const astray = (error: unknown): void => {
  const before = caught.length;
  failOpenCalls(error);
  for (const fault of caught.slice(before)) {
    if (fault.kind === 'unwritten') continue;
    fault.message +=
      '; nobody caught it: look for a callback that throws, an error event without a listener, or a promise that nobody waits for';
  }
};
process.on('uncaughtException', astray);
process.on('unhandledRejection', astray);

const failureOf = (
  error: Partial<Error> & Partial<Failure>,
  step: number,
  faultsOfCheck: Fault[],
): Failure => {
  // Vitest hands over a plain copy of the error.
  const copy = Object.assign(new Error(error.message), { name: error.name, stack: error.stack ?? '' });
  const unloaded = notLoadable(copy);
  if (unloaded) return { expected: '', came: unloaded.message, advice: '', at: unloaded.at, notLoaded: true };
  // A later step that is not written yet is no reason for an earlier one to fail.
  const unwritten = faultsOfCheck.find((fault) => fault.kind === 'unwritten' && !(fault.step! > step));
  const thrown = faultsOfCheck.find(({ kind }) => kind !== 'unwritten');
  // What the learner's code threw on the way says more than what the check missed in the end.
  const fault = unwritten ?? thrown ?? (error.came === undefined ? faultOf(copy) : undefined);
  const at = (fault?.places ?? placesOf(copy))[0];
  return {
    expected: error.expected ?? '',
    came: fault?.message ?? error.came ?? '',
    advice: (fault ? undefined : error.advice) ?? '',
    at: at ? placeText(at) : '',
  };
};

const described = (task: RunnerTestCase): { file: string; group: string; check: string } => ({
  file: task.file.filepath,
  group: task.suite?.name ?? '',
  check: task.name,
});

/** Whether a check is under way: afterEach is called for a skipped one too. */
let running = false;

beforeEach(({ task, skip }) => {
  caught.length = 0;
  // The first failure of a step says enough; what follows from it would only confuse, and take time.
  const failed = task.suite?.tasks.some(({ result }) => result?.state === 'fail');
  if (failed) skip('an earlier check of this step has failed');
  running = true;
  tell({ type: 'began', ...described(task) });
});

afterEach(async ({ task }) => {
  const faultsOfCheck = [...caught];
  await closePeers();
  if (!running) return;
  running = false;
  const [error] = task.result?.errors ?? [];
  if (error) {
    tell({
      type: 'failed',
      ...described(task),
      failure: failureOf(
        error,
        Number(/^Step (\d+)/.exec(task.suite?.name ?? '')?.[1] ?? Infinity),
        faultsOfCheck,
      ),
    });
    return;
  }
  const fault = faultsOfCheck.find(({ kind }) => kind !== 'unwritten');
  if (fault) {
    const [place] = fault.places;
    tell({
      type: 'failed',
      ...described(task),
      failure: { expected: '', came: fault.message, advice: '', at: place ? placeText(place) : '' },
    });
    throw new Error(fault.message);
  }
  tell({ type: 'passed', ...described(task) });
});
