/** What crosses the border of the learner's front when its back fails. */
import { status } from '@grpc/grpc-js';
import { inWords } from '../calls.ts';
import { must } from '../check-failure.ts';
import { asking, frontAtWork, usersOf, type Asking, type Came } from './service.ts';

/** What a handler may give to its callback as the error. */
type Failure = Parameters<Came['answer']>[0];

/**
 * Asks the learner's front, whose back fails.
 *
 * @param requestId - the id of the call
 * @returns how that has ended, and what the front prints
 */
export const askingInVain = async (
  front: Parameters<typeof frontAtWork>[0],
  failure: Failure,
  requestId: string,
): Promise<Awaited<Asking['ended']> & { lines: readonly string[] }> => {
  const { stub, lines } = await frontAtWork(front, await usersOf((came) => came.answer(failure)));
  return { ...(await asking(stub, 'ada', { requestId }).ended), lines };
};

/** @throws CheckFailure unless the learner's front ends its call with an error when the back has ended with one */
export const mustEndBadly = async (front: Parameters<typeof frontAtWork>[0]): Promise<void> => {
  const refuse = (came: Came): void => came.answer({ code: status.ABORTED, details: 'not today' });
  const { stub } = await frontAtWork(front, await usersOf(refuse));
  const code = await asking(stub, 'ada', { patience: 1_500 }).code;
  must(code !== 'DEADLINE_EXCEEDED' && code !== 'OK', {
    expected: 'an end with an error when the back ends with one',
    came: code === 'OK' ? code : 'none, until the deadline passed',
    advice: 'done is the callback for both, the error and the user.',
  });
};

/**
 * @param end - what came of a call whose back has failed
 * @param code - how the back has ended
 * @param expected - how the front has to end then, in words of its own
 * @param secret - a part of all that the back has said
 */
export const mustSay = (
  { status: came, beside }: Awaited<Asking['ended']>,
  code: status,
  expected: status,
  secret: string,
): void => {
  must(came.code === expected, {
    expected: `${status[expected]} after ${status[code]} of the back`,
    came: came.details.includes(secret) ? `${status[came.code]}, in the words of the back` : inWords(came),
    advice:
      'UNAVAILABLE and DEADLINE_EXCEEDED mean the same to the caller. All others are between front and back: INTERNAL.',
  });
  const hasDetails = came.metadata.get('grpc-status-details-bin').length > 0;
  const said = hasDetails ? 'its details for programs' : beside.find((text) => text.includes(secret));
  must(said === undefined, {
    expected: `nothing of what the back says with ${status[code]}`,
    came: said?.replaceAll(secret, '…') ?? '',
    advice: 'Words of your own, and no metadata: the back may speak of paths, addresses and tables.',
  });
  const advice = 'Say in details what this means for the caller.';
  must(came.details.trim() !== '', { expected: 'words of your own', came: 'none', advice });
};
