import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { answered, asking, frontAtWork, mustStop, usersOf } from '#kit/hops/service.ts';

describe('On your own · Time to answer', () => {
  const front = async () => (await import('#answers/13-calls-that-call/server.ts')).front;

  it('keeps 100 ms of its time for the answer', async () => {
    const { stub, calls } = await frontAtWork(await front(), await usersOf(answered));
    // The first call has the connections to make.
    await asking(stub, 'ada').ended;
    const patience = integer(1_500, 3_000);
    same(await asking(stub, 'ada', { patience }).code, 'OK', 'There is time enough.');
    const { left } = calls.at(-1)!;
    must(left > patience - 700 && left <= patience - 100, {
      expected: `at most ${patience - 100} ms for the back, when the caller has ${patience}`,
      came: `${left} ms`,
      advice:
        "The deadline of a call is call.getDeadline(): a Date or a number. 100 ms before that is the back's.",
    });
    same(await asking(stub, 'ada', { patience: 60_000 }).code, 'OK', 'There is time enough.');
    must(calls.at(-1)!.left <= 5_000, {
      expected: 'five seconds at most for the back, as in step 2',
      came: `${calls.at(-1)!.left} ms`,
      advice: 'The earlier of the two holds.',
    });
  });

  it('tells the caller in words of its own that the time was too short', async () => {
    const { stub, calls } = await frontAtWork(await front(), await usersOf());
    const late = await asking(stub, 'ada', { patience: integer(400, 600) }).ended;
    const advice = 'The call of the back ends first, and what atTheBorder returns still reaches the caller.';
    must(late.status.details !== '' && !/remote_addr|Deadline exceeded after/.test(late.status.details), {
      expected: 'DEADLINE_EXCEEDED in the words of the front',
      came: late.status.details,
      advice,
    });
    same(status[late.status.code], 'DEADLINE_EXCEEDED', advice);
    await mustStop(calls[0]!, 'the time is up', advice, Infinity);
    const [before, short] = [calls.length, await asking(stub, 'ada', { patience: 90 }).ended];
    same(
      status[short.status.code],
      'DEADLINE_EXCEEDED',
      'With no more than 100 ms left, the end is DEADLINE_EXCEEDED.',
    );
    same(calls.length, before, 'With no more than 100 ms left, the back is not called.');
  });
});
