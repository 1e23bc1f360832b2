/** Stands around every check of a lesson: catches what the learner's code throws, tells how it goes, and cleans up. */
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, type RunnerTestCase } from 'vitest';
import { placesOf, placeText } from '../workbook/place.ts';
import { failOpenCalls, faults, type Fault } from '../workbook/preload.ts';
import { closePeers } from './peers.ts';
import { progressChannel, type Failure, type Progress } from './progress.ts';

const channel = new BroadcastChannel(progressChannel);
channel.unref();
const tell = (progress: Progress): void => channel.postMessage(progress);

const caught: Fault[] = [];
faults.subscribe((fault) => caught.push(fault as Fault));
process.on('uncaughtException', failOpenCalls);
process.on('unhandledRejection', failOpenCalls);

const failureOf = (error: Partial<Error> & Partial<Failure>): Failure => {
  const stack = Object.assign(new Error(error.message), { stack: error.stack ?? '' });
  const place = placesOf(stack)[0];
  const unwritten = caught.find(({ kind }) => kind === 'unwritten');
  const thrown = caught.find(({ kind }) => kind === 'thrown');
  const fault = unwritten ?? thrown;
  const at = fault?.places[0] ?? place;
  return {
    expected: error.expected ?? '',
    came: fault?.message ?? error.came ?? `${error.name ?? 'Error'}: ${error.message ?? ''}`,
    advice: (fault ? undefined : error.advice) ?? '',
    at: at ? placeText(at) : '',
  };
};

const described = (task: RunnerTestCase): { file: string; group: string; check: string } => ({
  file: task.file.filepath,
  group: task.suite?.name ?? '',
  check: task.name,
});

beforeEach(({ task, skip }) => {
  caught.length = 0;
  // The first failure of a step says enough; what follows from it would only confuse, and take time.
  const failed = task.suite?.tasks.some(({ result }) => result?.state === 'fail');
  if (failed) skip('an earlier check of this step has failed');
  tell({ type: 'began', ...described(task) });
});

afterEach(({ task }) => {
  closePeers();
  const [error] = task.result?.errors ?? [];
  if (error) {
    tell({ type: 'failed', ...described(task), failure: failureOf(error) });
    return;
  }
  const fault = caught.find(({ kind }) => kind !== 'unwritten');
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
