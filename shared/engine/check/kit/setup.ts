/** Stands around every check of a lesson: catches what the learner's code throws, tells how it goes, and cleans up. */
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, type RunnerTestCase } from 'vitest';
import { notLoadable } from '../../lesson/load-failure.ts';
import { placesOf, placeText } from '../../lesson/stack-trace.ts';
import { faultOf, faults, type Fault } from '../../wire/faults.ts';
import { allTold, expectResetWithin } from '../../wire/guard/guarded-call.ts';
import { failOpenCalls } from '../../wire/guard/open-calls.ts';
import { lose } from './time-limits.ts';
import { CheckFailure } from './check-failure.ts';
import { beginDrawing } from './random-inputs.ts';
import { isExpected } from './expected-faults.ts';
import { callsLeft, forgetWhatIsLeft, whatIsLeft } from './leaks.ts';
import { closePeers } from './peers.ts';
import { progressChannel, stillAlive, togetherTitle, type Failure, type Progress } from '../check-events.ts';
import { seedIsGiven, seedOfRun } from '../seed.ts';
import { Timeline } from '../../wire/timeline.ts';

await import('../../wire/guard/server-guard.ts');
// The clients of a check are in its own process: two turns of the event loop were measured.
expectResetWithin(2);

/** Whether somebody else prints the seed: the command that runs these checks. */
const isSeedPrinted = seedIsGiven();

const channel = new BroadcastChannel(progressChannel);
channel.unref();
const tell = (progress: Progress): void => channel.postMessage(progress);
setInterval(() => channel.postMessage(stillAlive), 1_000).unref();

const caught: Fault[] = [];
faults.subscribe((fault) => {
  if (!isExpected((fault as Fault).message)) caught.push(fault as Fault);
});

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

const timeline = new Timeline();

/** The timeline as a failure has it: without one when nothing went over the wire. */
const timelineOf = (): Pick<Failure, 'timeline'> => {
  const lines = timeline.lines();
  return lines.length > 0 ? { timeline: lines } : {};
};

const failureOf = (
  error: Partial<Error> & Partial<Failure>,
  step: number,
  faultsOfCheck: Fault[],
): Failure => {
  // Vitest hands over a plain copy of the error. What was thrown need not be one: then there is no stack.
  const copy =
    error.stack === undefined
      ? (error.message ?? error)
      : Object.assign(new Error(error.message), { name: error.name, stack: error.stack });
  const unloaded = notLoadable(copy);
  if (unloaded) return { expected: '', came: unloaded.message, advice: '', at: unloaded.at, notLoaded: true };
  // A later step that is not written yet is no reason for an earlier one to fail.
  const unwritten = faultsOfCheck.find((fault) => fault.kind === 'unwritten' && !(fault.step! > step));
  const thrown = faultsOfCheck.find(({ kind }) => kind !== 'unwritten');
  // What the learner's code threw on the way says more than what the check missed in the end.
  const fault = unwritten ?? thrown ?? (error.came === undefined ? faultOf(copy) : undefined);
  if (/^Test timed out in \d+ms/.test(error.message ?? '') && !thrown) {
    return {
      expected: 'the check to come to its end',
      came: 'nothing for too long: each single thing came, and all of them together took more than a check may',
      advice: 'Look for what waits where nothing is there to wait for, or holds up all other calls.',
      at: '',
      ...timelineOf(),
    };
  }
  if (fault?.kind === 'thrown' && fault.places.length === 0 && !thrown) {
    return {
      expected: 'values that a check can go on with',
      came: `${fault.message}, in the check itself`,
      advice:
        'Something that your code returns, or hands over, is of another kind than its type says: npm run typecheck tells which.',
      at: '',
      ...timelineOf(),
    };
  }
  const at = (fault?.places ?? placesOf(copy))[0];
  return {
    expected: error.expected ?? '',
    came: fault?.message ?? error.came ?? '',
    // What was thrown speaks for itself. Of what was sent too late, the check knows why.
    advice: (fault?.kind === 'unwritten' || fault?.kind === 'thrown' ? undefined : error.advice) ?? '',
    at: at ? placeText(at) : '',
    // A step that is not written yet needs no explanation.
    ...(fault?.kind !== 'unwritten' && timelineOf()),
  };
};

/** What the learner's code threw, where no check waited for it. */
const failureOfFault = ({ message, places: [place] }: Fault): Failure => ({
  expected: '',
  came: message,
  advice: '',
  at: place ? placeText(place) : '',
  ...timelineOf(),
});

const described = (task: RunnerTestCase): { file: string; group: string; check: string } => ({
  file: task.file.filepath,
  group: task.suite?.name ?? '',
  check: task.name,
});

/** What the first check that left something has left. */
let leak: Failure | undefined;
let anyFailed = false;

/** Whether a check is under way: afterEach is called for a skipped one too. */
let running = false;
let began = 0;

beforeEach(({ task, skip }) => {
  caught.length = 0;
  timeline.clear();
  forgetWhatIsLeft();
  beginDrawing(`${task.suite?.name} ${task.name}`);
  // The first failure of a step says enough; what follows from it would only confuse, and take time.
  const failed = task.suite?.tasks.some(({ result }) => result?.state === 'fail');
  if (failed) skip('an earlier check of this step has failed');
  running = true;
  began = performance.now();
  tell({ type: 'began', ...described(task) });
});

afterEach(async ({ task }) => {
  const faultsOfCheck = [...caught];
  // What has just happened on the wire may still have to be told.
  await allTold();
  const [error] = task.result?.errors ?? [];
  const together = task.suite?.name === togetherTitle;
  const fault = caught.find(({ kind }) => kind !== 'unwritten');
  const step = Number(/^Step (\d+)/.exec(task.suite?.name ?? '')?.[1] ?? Infinity);
  let failure: Failure | undefined;
  // Before the peers are closed: what that brings about is no part of the check.
  if (error) {
    failure = failureOf(error, step, faultsOfCheck);
  } else if (fault) {
    failure = failureOfFault(fault);
  } else if (together && running) {
    // Only here both halves have come to their end. A check of a step may stop in the middle of a call.
    const open = await callsLeft();
    if (open) failure = { ...open, ...timelineOf() };
  }
  // What is known is told at once: a server may take its time to stop.
  const told = running && failure !== undefined;
  if (told) tell({ type: 'failed', ...described(task), failure: failure! });
  try {
    await closePeers();
  } catch (thrown) {
    // A `stop` that is not written yet is for its own step to say.
    const stopping = faultOf(thrown);
    const due = (stopping.step ?? 0) <= step;
    if (due) {
      failure ??= thrown instanceof CheckFailure ? failureOf(thrown, step, []) : failureOfFault(stopping);
    }
  }
  if (!running) return;
  running = false;
  // What a failed check leaves behind follows from its failure.
  if (failure) {
    if (!isSeedPrinted) console.error(`Its inputs were drawn with WORKBOOK_SEED=${seedOfRun()}`);
    anyFailed = true;
    lose(performance.now() - began);
  } else if (!anyFailed) {
    leak ??= await whatIsLeft();
  }
  // Which step should have ended it, nobody can tell, not even from the line where it was begun: a timer that one step
  // sets may be for a later step to clear, and that one may still be to write. So the last check fails, which is for all.
  if (together) failure ??= leak;
  if (!told) {
    tell(failure ? { type: 'failed', ...described(task), failure } : { type: 'passed', ...described(task) });
  }
  // Vitest must know of it too.
  if (!error && failure) throw new Error(failure.came);
});
