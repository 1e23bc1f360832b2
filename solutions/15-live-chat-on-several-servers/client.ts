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
  //#region Step 5 · Count where you are
  subscription.once('metadata', (metadata) => {
    place.position = Number(metadata.get('position')[0]);
  });
  for await (const message of subscription) {
    onMessage(message);
    place.position! += 1;
  }
  //#endregion
};

// Listens until you leave: at the first server, and when that one is gone, at the next one.
export const stay = async (listener: Listener): Promise<void> => {
  const { stubs, place, onMessage, leaving, pause } = listener;
  //#region Step 6 · Go on at another server, where you were
  for (let turn = 0; !leaving.aborted; turn += 1) {
    const metadata = new Metadata();
    if (place.position !== undefined) metadata.set('after', String(place.position));
    try {
      await hear(subscribe(stubs[turn % stubs.length]!, metadata, listener), place, onMessage);
    } catch (error) {
      if (leaving.aborted) return;
      if (!isServiceError(error) || error.code !== status.UNAVAILABLE) throw error;
      await pause();
    }
  }
  //#endregion
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
