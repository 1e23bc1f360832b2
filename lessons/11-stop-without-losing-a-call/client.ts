import { setTimeout as delay } from 'node:timers/promises';
import {
  closePeer,
  listOne,
  mustAnswer,
  peerAt,
  stuckCall,
  untilReady,
  watchOf,
  type Peer,
} from '#shared/health/peers.ts';
import { showCounts, showHealth, showShares, type Counts } from '#shared/health/call-counts.ts';
import type { PairContext, Questions } from '#shared/terminal/ask.ts';

const ready = 'user.UserService';

// Watches one server, until the watch ends, and keeps `peer.ready` true for as long as it may be called.
export const follow = (peer: Pick<Peer, 'health' | 'ready'>, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const watch = watchOf(peer, ready, over);
    // TODO 5 · Believe SERVING alone, and only while you hear it
    throw new Error('Step 5 is not written yet');
  });

// Makes one call, if there is a server for it. The promise of `listOne(peer)` is rejected when a call ends badly.
export const callOne = async (peers: readonly Peer[], turn: number, counts: Counts): Promise<boolean> => {
  // TODO 6 · Call one that is ready, and count how it ends
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  show: {
    message: 'What would you like to see?',
    initial: 'rolling',
    choices: ['rolling', 'stuck', 'probe'],
  },
  also: { message: 'Which other servers are there? (addresses, with commas between)', initial: '' },
} satisfies Questions;

// From here on: what the pair shows. There is nothing left for you to write.

/** How many calls are under way at any time. */
const callers = 4;

/** How long both serve before and after the restarts, and how long without restarts, in milliseconds. */
const [phase, alone] = [700, 10_000];

const keepFollowing = async (peer: Peer, over: AbortSignal): Promise<void> => {
  for (; !over.aborted; await delay(50)) await follow(peer, over);
};

const keepCalling = async (peers: readonly Peer[], counts: Counts, over: AbortSignal): Promise<void> => {
  for (let turn = 0; !over.aborted; turn += 1) {
    if (!(await callOne(peers, turn, counts))) await delay(20);
  }
};

const roll = async (peers: readonly Peer[], restart: PairContext['restart']): Promise<void> => {
  await Promise.all(peers.map(mustAnswer));
  if (!restart) return showShares('ten seconds', peers, delay(alone));
  await Promise.all(peers.map(untilReady));
  await showShares('both are ready', peers, delay(phase));
  for (const peer of peers) {
    // The next one only when this one is ready again: at any time, one of them is.
    await showShares(
      `${peer.name} is restarted`,
      peers,
      restart(peer.address).then(() => untilReady(peer)),
    );
  }
  await showShares('both are ready', peers, delay(phase));
};

const show = async (peers: readonly Peer[], what: string, restart: PairContext['restart']) => {
  if (what === 'probe') return showHealth(peers, ready);
  const stuck = what === 'stuck' ? peers.map(stuckCall) : [];
  const [counts, over] = [{ made: 0, answered: 0, lost: 0 }, new AbortController()];
  const following = peers.map((peer) => keepFollowing(peer, over.signal));
  const calling = Array.from({ length: callers }, () => keepCalling(peers, counts, over.signal));
  const working = Promise.all([...following, ...calling]);
  await Promise.race([working, roll(peers, restart)]);
  over.abort();
  await working;
  for (const each of stuck) console.log(`the call that was never finished: ${await each}`);
  showCounts(counts, peers);
};

export const main = async ({ addresses, ask, restart }: PairContext<typeof questions>): Promise<void> => {
  const what = await ask.one('show');
  const also = restart ? '' : await ask.one('also');
  const all = [...addresses, ...also.split(',').map((each) => each.trim())].filter(Boolean);
  const peers = all.map((address, index) => peerAt(address, `server ${index + 1}`));
  await show(peers, what, restart).finally(() => peers.forEach(closePeer));
};
