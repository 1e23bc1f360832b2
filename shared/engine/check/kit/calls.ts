import {
  status,
  type CallOptions,
  type ClientReadableStream,
  type requestCallback,
  type ServiceError,
  type StatusObject,
  type Metadata,
} from '@grpc/grpc-js';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { faultOf } from '../../wire/faults.ts';
import { unwrittenStep } from '../../lesson/step-marks.ts';
import { bound, within } from './time-limits.ts';
import { CheckFailure, must } from './check-failure.ts';

/**
 * @param bounds - how many bounded waits the call has to outlast
 * @returns call options with a deadline: no call of a check may last for ever
 */
export const soon = (bounds = 1): CallOptions => ({ deadline: Date.now() + bounds * bound() });

const shouldBeOk = 'Your server ended the call with this status; it should end with OK.';

/**
 * Says why a call to the learner's server did not end as it should.
 *
 * @param error - the status that the call ended with
 * @param never - what to look for when the server gave no answer at all
 * @param refused - what to look for when it ended the call with a status of its own choice
 */
const refusal = (
  error: Pick<StatusObject, 'code' | 'details'>,
  expected: string,
  never: string,
  refused = shouldBeOk,
): CheckFailure => {
  const { code, details } = error;
  if (code === status.DEADLINE_EXCEEDED) {
    return new CheckFailure({
      expected,
      came: 'nothing, until the deadline passed (DEADLINE_EXCEEDED)',
      advice: never,
    });
  }
  if (code === status.UNIMPLEMENTED && details.includes('does not implement')) {
    return new CheckFailure({
      expected,
      came: `UNIMPLEMENTED: ${details}`,
      // grpc-js names the whole path when the server does not know the service either.
      advice: details.includes('/')
        ? 'The server does not know this service: give it to addService, together with the handlers.'
        : 'The handler must be given to the server under the very name that the method has in the contract.',
    });
  }
  if (code === status.UNIMPLEMENTED && details === 'No message received') {
    return new CheckFailure({
      expected,
      came: 'the end of the call, with OK and without a reply',
      advice: 'The one reply goes to the callback, and ends the call as well: callback(null, reply).',
    });
  }
  if (code === status.UNAVAILABLE) {
    return new CheckFailure({
      expected,
      came: `UNAVAILABLE: nobody answers where the call went (${details})`,
      advice: /SSL|TLS|EPROTO/.test(details)
        ? 'Both sides must use the same credentials: insecure ones here.'
        : 'Is the address used as it was given?',
    });
  }
  if (code === status.UNKNOWN) {
    return new CheckFailure({
      expected,
      came: `UNKNOWN: ${details}`,
      advice:
        'The first argument of a callback is the error, and null when there is none: callback(null, reply).',
    });
  }
  if (code === status.INTERNAL && details.includes('serializ')) {
    return new CheckFailure({
      expected,
      came: `INTERNAL: ${details}`,
      advice: 'What you answer with must be the message that the contract names: an object with its fields.',
    });
  }
  const advice = code === status.UNIMPLEMENTED ? 'Write that step first.' : refused;
  return new CheckFailure({ expected, came: `${status[code]}: ${details}`, advice });
};

/**
 * Makes a call that has one reply, to the learner's server.
 *
 * @param make - makes the call with the options and the callback it is given
 * @param never - what to look for when no answer comes
 * @param refused - what to look for when the server refuses the call
 * @returns the reply
 * @throws CheckFailure when the call ends with another status than OK
 */
export const replyTo = <T>(
  make: (options: CallOptions, done: requestCallback<T>) => unknown,
  never: string,
  refused?: string,
): Promise<T> =>
  new Promise((resolve, reject) => {
    make(soon(), (error, reply) => {
      if (error) reject(refusal(error, 'a reply', never, refused));
      else resolve(reply!);
    });
  });

/**
 * Listens to all that a server says beside its messages: its metadata, its trailers, and the details of its status.
 *
 * @param call - a call that has just been made
 * @returns the texts, which become more as they come
 */
export const saidBeside = (call: {
  on(event: 'metadata', listener: (metadata: Metadata) => void): unknown;
  on(event: 'status', listener: (ended: StatusObject) => void): unknown;
}): string[] => {
  const texts: string[] = [];
  const note = (metadata: Metadata): unknown =>
    texts.push(...Object.entries(metadata.getMap()).map(([key, value]) => `${key}: ${String(value)}`));
  call.on('metadata', note);
  call.on('status', ({ details, metadata }) => {
    texts.push(details);
    note(metadata);
  });
  return texts;
};

/** What came on a stream, and how it ended. */
export interface Heard<T> {
  messages: T[];
  /** Undefined when the reader left before the end. */
  ended: StatusObject | undefined;
}

/**
 * Reads a stream of the learner's server, to its end or until enough has come; then it cancels the call.
 *
 * @param call - the call, made with {@link soon}
 * @param enough - how many messages to read at most
 * @returns what came
 */
export const hear = <T>(call: ClientReadableStream<T>, enough = Infinity): Promise<Heard<T>> =>
  new Promise((resolve) => {
    const messages: T[] = [];
    call.on('data', (message: T) => {
      messages.push(message);
      if (messages.length < enough) return;
      resolve({ messages, ended: undefined });
      call.cancel();
    });
    // Without a listener the error would be thrown; the status event tells the same.
    call.on('error', () => {});
    call.on('status', (ended: StatusObject) => resolve({ messages, ended }));
  });

/**
 * @param ended - how a stream of the learner's server ended
 * @param never - what to look for when it did not end by itself
 * @param expected - what the check had waited for, where that is not the end
 * @param refused - what to look for when the server ended it with a status of its own choice
 * @throws CheckFailure unless it ended with OK
 */
export const endedWell = (
  ended: Pick<StatusObject, 'code' | 'details'> | undefined,
  never: string,
  expected = 'the stream to end with OK',
  refused?: string,
): void => {
  if (ended && ended.code !== status.OK) throw refusal(ended, expected, never, refused);
};

/** @returns the status in words; how long a deadline was, and what was waited for then, differs from run to run */
export const inWords = ({ code, details }: Pick<StatusObject, 'code' | 'details'>): string =>
  code === status.DEADLINE_EXCEEDED ? 'DEADLINE_EXCEEDED' : `${status[code]}: ${details}`;

/** What grpc-js looks for on a stub, and does not find when its method was taken off it. */
const lookedForOnTheStub = /reading '(?:checkOptionalUnaryResponseArguments|checkMetadataAndOptions)'/;

const atItsEnd = async <T>(
  promise: PromiseLike<T>,
  never: string | (() => string),
  expected = 'your client to come to an end',
): Promise<T> => {
  try {
    return await within(promise, () => ({
      expected,
      came: 'nothing: its promise is still open',
      advice: typeof never === 'function' ? never() : never,
    }));
  } catch (error) {
    if (!(error instanceof TypeError && lookedForOnTheStub.test(error.message))) throw error;
    throw new CheckFailure({
      expected,
      came: 'a method that was called without its stub',
      advice:
        'A method that is handed on by itself, as to promisify, forgets its stub. Call it as stub.method(…), or hand on stub.method.bind(stub).',
    });
  }
};

/** What a call that should have ended well says of the client by its status. */
const whyEnded: Partial<Record<status, string>> = {
  [status.DEADLINE_EXCEEDED]:
    'A deadline is a point in time: Date.now() plus the milliseconds you are willing to wait.',
  [status.INVALID_ARGUMENT]: 'The server refuses what your client has sent.',
};

/**
 * Waits for the learner's client, whose call ends well.
 *
 * @param promise - what the learner's function returned
 * @param never - what to look for when it does not settle; a function where that is known only then
 * @returns what it resolves with
 * @throws CheckFailure when it does not settle, or is rejected with the status of a call
 */
export const settled = async <T>(promise: PromiseLike<T>, never: string | (() => string)): Promise<T> => {
  try {
    return await atItsEnd(promise, never);
  } catch (error) {
    must(error !== null && error !== undefined, {
      expected: 'your client to come to a good end: the server answers this call with OK',
      came: `it rejected with ${String(error)}: there was no error`,
      advice: 'Where there is no error, a reply has come: ask whether there is one, and not what is in it.',
    });
    if (!isServiceError(error)) throw error;
    throw new CheckFailure({
      expected: 'your client to come to a good end: the server answers this call with OK',
      came: inWords(error),
      advice: whyEnded[error.code] ?? 'Something your client did has ended the call early.',
    });
  }
};

/**
 * Waits for the learner's client to pass on a call's status as a rejection.
 *
 * @param promise - what the learner's function returned
 * @param code - the status that the server ended the call with
 * @throws CheckFailure when the promise resolves, or is rejected with something else
 */
export const rejectedWith = async (promise: PromiseLike<unknown>, code: status): Promise<ServiceError> => {
  const expected = `your client to reject with the status of the call, ${status[code]}`;
  let came: unknown;
  try {
    came = await atItsEnd(
      promise,
      'A call that fails must end your promise too: reject with the error that you get.',
      expected,
    );
  } catch (error) {
    if (error instanceof CheckFailure) throw error;
    const advice = 'Pass on the error that the call gave you, as it is.';
    if (isServiceError(error)) {
      if (error.code === code) return error;
      throw new CheckFailure({ expected, came: inWords(error), advice });
    }
    const fault = faultOf(error);
    const ofItsOwn = !(error instanceof Error) || (error.name === 'Error' && !('code' in error));
    if (ofItsOwn && fault.kind !== 'unwritten') {
      throw new CheckFailure({ expected, came: `it rejected with ${fault.message}`, advice });
    }
    // An error of the learner's own code, or a step that is not written yet, speaks for itself.
    throw error;
  }
  throw new CheckFailure({
    expected,
    came: `it resolved${came === undefined ? '' : ` with ${String(came)}`}`,
    advice: 'An error that the call reports must not be taken for success.',
  });
};

/**
 * Lets a step be checked while a later one in the same function is still to be written.
 *
 * @param step - the later step
 * @param promise - what the learner's function returned
 * @returns once the promise has resolved, or was rejected because that step is not written yet
 * @throws whatever else the promise is rejected with
 */
export const unlessUnwritten = async (step: number, promise: Promise<unknown>): Promise<void> => {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error) || unwrittenStep(error.message) !== step) throw error;
  }
};
