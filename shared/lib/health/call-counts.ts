/** What the client of several servers shows of them. */
import { barOf, type Share } from '../terminal/bars.ts';
import { probed, type Peer } from './peers.ts';

/** How many blocks the bars of one line have together. */
const blocks = 20;

/**
 * Shows how some work was shared, a bar for each.
 *
 * @param title - what stands before the bars
 * @param shares - who has done how much
 * @returns one line
 */
export const barsOf = (title: string, shares: readonly Share[]): string => {
  const all = shares.reduce((sum, { done }) => sum + done, 0);
  const bars = shares.map(({ name, done }) => `${name} ${barOf(done, all, blocks)}`);
  return `${title.padEnd(22)}${bars.join('   ')}`;
};

/** Waits for some work, and shows which server has answered how many calls meanwhile. */
export const showShares = async (
  title: string,
  peers: readonly Pick<Peer, 'name' | 'answered'>[],
  work: Promise<unknown>,
): Promise<void> => {
  const before = peers.map(({ answered }) => answered);
  await work;
  const shares = peers.map(({ name, answered }, index) => ({ name, done: answered - before[index]! }));
  console.log(barsOf(title, shares));
};

/** How calls have ended. */
export interface Counts {
  made: number;
  answered: number;
  lost: number;
}

/** Says how calls have ended, and why the first one was lost, if any was. */
export const showCounts = (
  { made, answered, lost }: Counts,
  peers: readonly Pick<Peer, 'failure'>[],
): void => {
  console.log(`${made} calls made, ${answered} answered, ${lost} lost`);
  const failure = peers.find((peer) => peer.failure)?.failure;
  if (failure) console.log(`the first that was lost: ${failure}`);
};

/** Says of each server whether it is alive, and whether a service of it is ready; the process ends with 1 when one is not. */
export const showHealth = async (peers: readonly Peer[], service: string): Promise<void> => {
  for (const peer of peers) {
    const [alive, ready] = [await probed(peer, ''), await probed(peer, service)];
    console.log(`${peer.name}: alive ${alive}, ready ${ready}`);
    if (ready !== 'SERVING') process.exitCode = 1;
  }
};
