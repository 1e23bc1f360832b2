/** What a chat has to tell: over the wire, and in the lines that are printed. */
import type { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { onTestFinished } from 'vitest';
import type { MessageRequest } from '#protos/generated/chat/MessageRequest.ts';
import { must, same } from '../check-failure.ts';
import { watchedWrites } from '../stalled-reader.ts';
import { timersStarted } from '../timers.ts';

/** Judges that a history was told in full. @param advice - what to look for, where that is known */
export const toldInFull = (came: readonly unknown[], all: readonly unknown[], advice?: string): void => {
  const plain = (list: readonly unknown[]): unknown => JSON.parse(JSON.stringify(list));
  const isCut = came.length > 0 && came.length < all.length;
  const isBeginning = isCut && isDeepStrictEqual(plain(came), plain(all.slice(0, came.length)));
  const asItIs = isBeginning
    ? 'Write all of it: after a call.write() that returns false, wait for drain and go on with the next message.'
    : 'Write each message of the list once, from the first to the last, as it is.';
  same(came, all, advice ?? asItIs);
};

/**
 * Watches a history that goes to a slow reader.
 *
 * @param call - the call, before the learner's handler gets it
 * @returns judges how much of so many messages has waited at a time
 */
export const watchedHistory = (call: Writable): ((count: number) => void) => {
  const waiting = watchedWrites(call);
  const timers = timersStarted();
  onTestFinished(timers.stop);
  return (count) => {
    timers.stop();
    if (!waiting.awaitsDrain) {
      timers.noneOfLesson("Wait for the event drain, and not for a time: await once(call, 'drain').");
    }
    must(waiting.most <= waiting.room, {
      expected: `at most ${waiting.room} messages to wait at a time in the server's memory for a reader that is slow`,
      came: `${waiting.most} of ${count}`,
      advice:
        'Whenever call.write() returns false, wait for the event drain, and go on with the next message.',
    });
  };
};

/** @returns which message of a history has a line that does not tell its user, its room and its text: the first; or -1 */
export const firstUntold = (history: readonly MessageRequest[], printed: readonly string[]): number =>
  history.findIndex(
    ({ user_from, chat_room, message }, index) =>
      ![user_from, chat_room, message].every((text) =>
        text!.split(/\p{Cc}/u).every((part) => printed[index]?.includes(part)),
      ),
  );

/** @returns whether a line says the number: 4,711 and 4.711 say so as well as 4711 does */
export const saysNumber = (line: string | undefined, number: number): boolean =>
  line?.replaceAll(/(?<=\d)[\s.,'’_](?=\d{3})/g, '').includes(String(number)) ?? false;
