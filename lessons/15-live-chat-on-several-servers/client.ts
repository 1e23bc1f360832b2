import { Metadata, status } from '@grpc/grpc-js';
import { addressesIn } from '#shared/balancing/address-list.ts';
import { subscribe, type Listener, type Place, type Subscription } from '#shared/chat-log/listeners.ts';
import { showChat, showTwo } from '#shared/chat-log/demonstrations.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import type { PairContext, Questions } from '#shared/terminal/ask.ts';

// Hands over each message of one subscription, until that is over, and keeps `place.position` at the last one.
export const hear = async (
  subscription: Subscription,
  place: Place,
  onMessage: Listener['onMessage'],
): Promise<void> => {
  // TODO 5 · Count where you are
  throw new Error('Step 5 is not written yet');
};

// Listens until you leave: at the first server, and when that one is gone, at the next one.
export const stay = async (listener: Listener): Promise<void> => {
  const { stubs, place, onMessage, leaving, pause } = listener;
  // TODO 6 · Go on at another server, where you were
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  user: { message: 'Who are you?', initial: 'Ada' },
  text: {
    message: 'Say something (or nothing to leave)',
    initial: ['Hello, everybody.', 'Is anybody here?'],
    piped: true,
  },
  how: { message: 'How does server 2 leave?', initial: 'told', choices: ['told', 'killed'] },
  also: { message: 'Which other servers are there? (addresses, with commas between)', initial: '' },
} satisfies Questions;

// From here on: what the client shows. There is nothing left for you to write.
export const main = async ({ addresses, ask, restart }: PairContext<typeof questions>): Promise<void> => {
  if (restart) {
    const how = (await ask.one('how')) as 'told' | 'killed';
    return showTwo(addresses, (address) => restart(address, how), how, stay);
  }
  const user = await ask.one('user');
  const also = addressesIn(await ask.one('also'));
  await showChat(user, [...addresses, ...also], ask.each('text'), stay);
};
