/** What a learner reads when a handler does what grpc-js would answer with silence, or with words that help nobody. */
import { inspect } from 'node:util';
import { textOf } from '../faults.ts';

const oneLine = (value: unknown): string =>
  inspect(value, { compact: true, breakLength: Infinity, maxStringLength: 200 });

export const answeredTwice =
  'the handler called its callback a second time; only the first answer is sent. Did it go on after that? Write return callback(…)';

export const okAsError =
  'the handler gave its callback the status OK as the error; when there is no error it takes null: callback(null, reply)';

export const noError = (error: unknown): string =>
  `the handler gave its callback ${inspect(error)} as the error; it takes an error object, or null when there is none`;

export const noMessage = (reply: unknown): string =>
  `the handler answered with ${oneLine(reply)}, which is not the message that the contract names`;

/** @param sending - the call that would send it */
export const returned = (value: unknown, sending: string): string =>
  `the handler returned ${oneLine(value)}; what a handler returns is not sent, ${sending} sends it`;

/** Comes behind what was thrown. */
export const thrownAfterAnswer =
  '; the call had been answered by then. Did the handler go on? Write return callback(…)';

/** Comes behind what was thrown. */
export const thrownAfterClientLeft =
  '; the client had left by then, and that is no failure: catch what comes of it';

export const writtenAfterEnd = 'the handler wrote a message after the end of the stream; it is not sent';

export const messageAtEnd =
  'the handler gave call.end() a message, and it takes none: call.write(message) comes first, and then call.end()';

export const endedAfterDestroy =
  'call.end() came too late, the stream is already destroyed and the client gets no status. A for await over the call destroys it; use its events instead';

export const destroyedByLoop =
  'the for await over the call has destroyed it on leaving, and the client would get no status; use the events of the call instead';

export const destroyed = (error: unknown): string =>
  `the handler destroyed the call (${textOf(error)}); that alone would send the client no status, call.emit('error', …) does`;
