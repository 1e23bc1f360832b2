import { isDeepStrictEqual } from 'node:util';
import { Late, Person, type Stay } from './listeners.ts';
import { isServiceError } from '../grpc/service-error.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { status } from '@grpc/grpc-js';

/** How wide one person's half of the screen is, in characters. */
const width = 34;

// What others write is printed on one line, whatever it contains: nobody may paint on your screen.
const lineOf = ({ user_name, text }: Message__Output): string =>
  `${user_name}: ${text}`.replaceAll(/\p{Cc}+/gu, ' ');

const unlessLate = async (promise: Promise<unknown>): Promise<void> => {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Late)) throw error;
  }
};

/** @returns what there is in one list alone, in words; undefined when both are the same */
const differenceOf = (ada: Message__Output[], bob: Message__Output[]): string | undefined => {
  if (isDeepStrictEqual(ada, bob)) return undefined;
  return ada.length === bob.length ? 'not in the same order' : 'not the same';
};

/**
 * Shows two people who talk at different servers, while the second of these is started anew.
 *
 * @param addresses - the servers
 * @param restart - has one of them started anew
 * @param how - how that one leaves: `told`, or `killed`
 */
export const showTwo = async (
  addresses: readonly string[],
  restart: (address: string) => Promise<void>,
  how: string,
  stay: Stay,
): Promise<void> => {
  const [first, second, ...others] = addresses as [string, string, ...string[]];
  const ada = new Person('Ada', [first, ...others, second], stay);
  const bob = new Person('Bob', [second, ...others, first], stay);
  let said = 0;
  const say = async (who: Person, text: string): Promise<void> => {
    await who.say(text);
    said += 1;
  };
  const row = (left: string, right: string): void =>
    console.log(`${left.padEnd(width)} │ ${right}`.trimEnd());
  let shown = 0;
  const show = async (): Promise<void> => {
    // What was not heard is seen by its gap.
    await unlessLate(Promise.all([ada, bob].map((each) => each.hears(said))));
    for (; shown < Math.max(ada.heard.length, bob.heard.length); shown += 1) {
      const [left, right] = [ada, bob].map(({ heard }) => heard[shown] && lineOf(heard[shown]!));
      row(left ?? '', right ?? '');
    }
  };
  try {
    await Promise.all([ada.isIn(), bob.isIn()]);
    row('Ada, at server 1', 'Bob, at server 2');
    await say(ada, 'Hello, Bob.');
    await say(bob, 'Hi, Ada. I am at server 2.');
    await show();
    row('', how === 'killed' ? '(kill -9 server 2)' : '(server 2 is started anew)');
    bob.isHeld = true;
    const restarted = restart(second);
    await unlessLate(bob.isAway());
    for (const text of ['The first one.', 'Are you still there?', 'Bob?']) await say(ada, text);
    bob.isHeld = false;
    await restarted;
    await say(bob, 'I am. I have missed nothing.');
    await show();
    const difference = differenceOf(ada.heard, bob.heard);
    if (difference !== undefined) process.exitCode = 1;
    console.log(
      `Ada has heard ${ada.heard.length}, Bob ${bob.heard.length}: ${difference ?? 'the same, in the same order'}`,
    );
  } finally {
    await Promise.all([ada.leave(), bob.leave()]);
  }
};

/**
 * Lets a person talk until there is nothing more to say, and what was said last is heard.
 *
 * @param addresses - the servers, in the order in which they are tried
 * @param texts - what to say
 */
export const showChat = async (
  user: string,
  addresses: readonly string[],
  texts: AsyncIterable<string>,
  stay: Stay,
): Promise<void> => {
  const person = new Person(user, addresses, stay, (message) => console.log(lineOf(message)));
  let said = 0;
  const talk = async (): Promise<void> => {
    await person.isIn();
    for await (const text of texts) {
      try {
        await person.say(text);
        said += 1;
      } catch (error) {
        if (!isServiceError(error) || error.code !== status.UNAVAILABLE) throw error;
        console.error(`Nobody has acknowledged "${text}". The others may hear it, or not: ${error.details}`);
      }
    }
    await person.hears(said, user);
  };
  try {
    await Promise.race([talk(), person.over()]);
  } finally {
    await person.leave();
  }
};
