/** What came of a call to the phone service, and what should have. */
import { status, type ServiceError } from '@grpc/grpc-js';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { must, same } from '../check-failure.ts';

export interface Outcome {
  reply?: { success: boolean } | undefined;
  error: ServiceError | null;
  /** What came beside the reply: metadata, trailers and details. */
  beside: readonly string[];
  /** The step whose checks have made the call. */
  step: number;
}

/** @returns the outcome in words */
export const said = ({ reply, error }: Outcome): string => {
  if (!error) return `the reply { success: ${reply?.success} }`;
  if (error.code !== status.DEADLINE_EXCEEDED) return `${status[error.code]}: ${error.details}`;
  return 'nothing, until the deadline passed (DEADLINE_EXCEEDED): is the callback called?';
};

const judge = (outcome: Outcome, holds: boolean, expected: string, advice: string): void =>
  must(holds, { expected, came: said(outcome), advice });

/** @throws CheckFailure unless the call was answered with this reply */
export const expectReply = (outcome: Outcome, success: boolean, advice: string): void =>
  judge(outcome, outcome.reply?.success === success, `the reply { success: ${success} }`, advice);

/** @throws CheckFailure unless the call ended with this status */
export const expectStatus = (outcome: Outcome, code: status, advice: string): void =>
  judge(outcome, outcome.error?.code === code, status[code], advice);

/** @throws CheckFailure unless the call was refused for this field of its request */
export const expectInvalid = (outcome: Outcome, field: string): void => {
  const advice = 'This was there already: the handler begins with invalidArgument(field, …).';
  expectStatus(outcome, status.INVALID_ARGUMENT, advice);
  same(detailsOf(outcome.error!).violations[0]?.field, field, advice);
};

/** Whether a call went on to what comes after its step: that may be wrong, or not written yet. */
const hasPassed = ({ error, step }: Outcome): boolean => {
  const unwritten = /step (\d+) is not written yet/.exec(error?.details ?? '')?.[1];
  if (unwritten !== undefined) return Number(unwritten) > step;
  const { RESOURCE_EXHAUSTED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNIMPLEMENTED } = status;
  return ![RESOURCE_EXHAUSTED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNIMPLEMENTED].includes(error?.code ?? 0);
};

/**
 * @param seconds - how long the number has to wait; 0 when the call may go on to the next step
 * @throws CheckFailure unless the call was refused for so long, in words for people and for programs
 */
export const expectWait = (outcome: Outcome, seconds: number, advice: string): void => {
  if (seconds === 0) return judge(outcome, hasPassed(outcome), 'a reply', advice);
  expectStatus(outcome, status.RESOURCE_EXHAUSTED, advice);
  const { details } = outcome.error!;
  const { retryAfter } = detailsOf(outcome.error!);
  must(retryAfter === seconds && details.match(/\d+/g)?.map(Number).includes(seconds), {
    expected: `to be told, in words and in details for programs, to try again in ${seconds} seconds`,
    came: `"${details}" in words, and for programs ${retryAfter ?? 'nothing'}`,
    advice:
      'tryAgainIn(words, seconds) makes the status of both: with the seconds that the store gives for now().',
  });
};

/** @throws CheckFailure when what is for one person's eyes was sent back, or printed */
export const staysSecret = (secret: string, what: string, { beside }: Outcome, printed: string[]): void => {
  const text = [...beside, ...printed].find((each) => each.includes(secret));
  must(text === undefined, {
    expected: `${what} to be nowhere but where it belongs`,
    came: `in what the server ${printed.includes(text!) ? 'prints' : 'sends back'}: ${text}`,
    advice: 'Who reads it there could log in with it. An error may tell it too: use words of your own.',
  });
};
