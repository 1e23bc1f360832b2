/** What the client of many servers shows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import type { Policy } from '../grpc/service-config.ts';
import { drawing } from '../terminal/bars.ts';
import { tell } from './orders.ts';

/** Who has answered a call, or '' when nobody has; and how. */
export interface Answer {
  by: string;
  code: status;
  details: string;
}

/** What the shows need of the client. */
export interface Calling {
  addresses: readonly string[];
  connect(target: string, policies: readonly Policy[]): HelloClient;
  greet(stub: HelloClient, name: string): Promise<Answer>;
}

/** How long to wait between two calls, so that one can see the bars grow; and for something to happen; in milliseconds. */
const [pause, patience] = [8, 5_000];

/** Calls that are made before any are counted: until then, not all servers are connected. */
const uncounted = 30;

/** A name that stands for all of the addresses, for grpc-js's own resolver. */
const targetOf = (addresses: readonly string[]): string => `ipv4:${addresses.join(',')}`;

/** Makes calls, and counts who answers. */
class Caller {
  readonly #calling: Calling;
  readonly stub: HelloClient;
  /** All that has been answered in this phase, the latest last. */
  answers: Answer[] = [];

  constructor(calling: Calling, target: string, policies: readonly Policy[]) {
    this.#calling = calling;
    this.stub = calling.connect(target, policies);
  }

  async call(): Promise<void> {
    const answer = await this.#calling.greet(this.stub, 'Ada');
    if (answer.by === '' && answer.code !== status.OK) throw Object.assign(new Error(answer.details), answer);
    this.answers.push(answer);
  }

  async settle(): Promise<void> {
    for (let made = 0; made < uncounted; made += 1) await this.call();
  }

  by(address: string | undefined): Answer[] {
    return this.answers.filter(({ by }) => by === address);
  }

  /**
   * Calls until there is enough of it; a bar for each server shows who answers.
   *
   * @param within - after how many milliseconds to give up: for what may never come to be
   * @returns whether it was enough
   */
  async phase(
    title: string,
    isEnough: (answers: readonly Answer[]) => boolean,
    within = Infinity,
  ): Promise<boolean> {
    this.answers = [];
    const shares = () =>
      this.#calling.addresses.map((address, index) => ({
        name: `server ${index + 1}`,
        done: this.by(address).length,
      }));
    const until = performance.now() + within;
    await drawing(title, shares, async (draw) => {
      while (!isEnough(this.answers) && performance.now() < until) {
        await this.call();
        draw();
        await delay(pause);
      }
    });
    return isEnough(this.answers);
  }
}

/** Has a caller work, and closes its client in the end. */
const withCaller = async (
  calling: Calling,
  target: string,
  policies: readonly Policy[],
  work: (caller: Caller) => Promise<void>,
): Promise<void> => {
  const caller = new Caller(calling, target, policies);
  try {
    await work(caller);
  } finally {
    caller.stub.close();
  }
};

const many =
  (count: number) =>
  (answers: readonly Answer[]): boolean =>
    answers.length >= count;

const nameOf = ([policy]: readonly Policy[]): string => Object.keys(policy ?? {})[0] ?? 'no policy';

const showShares = (calling: Calling, policies: readonly Policy[]): Promise<void> =>
  withCaller(calling, targetOf(calling.addresses), policies, async (caller) => {
    await caller.settle();
    await caller.phase(nameOf(policies), many(60));
  });

/** Shows who is called without a policy of one's own, and who is called with one. */
export const showTurns = async (calling: Calling, evenly: readonly Policy[]): Promise<void> => {
  await showShares(calling, [{ pick_first: {} }]);
  await showShares(calling, evenly);
};

/** Makes the first server a little busy, and each further one twice as busy, and shows who is called. */
export const showLoad = async (
  calling: Calling,
  sharing: (how: 'evenly' | 'by load') => readonly Policy[],
): Promise<void> => {
  for (const [index, address] of calling.addresses.entries()) {
    const utilization = 0.2 * 2 ** index;
    await tell(address, { utilization });
    console.log(`server ${index + 1} does ${Math.round(utilization * 100)} % of what it can`);
  }
  await showShares(calling, sharing('evenly'));
  await withCaller(calling, targetOf(calling.addresses), sharing('by load'), async (caller) => {
    await caller.settle();
    // What the servers have reported counts from the next update on.
    await delay(400);
    await caller.phase(nameOf(sharing('by load')), many(70));
  });
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} seconds`;

/** Makes one server sick, and well again, and shows when it is called. */
export const showSick = async (calling: Calling, policies: readonly Policy[]): Promise<void> => {
  const index = Math.min(1, calling.addresses.length - 1);
  const [sick, name] = [calling.addresses[index]!, `server ${index + 1}`];
  await withCaller(calling, targetOf(calling.addresses), policies, async (caller) => {
    await caller.settle();
    await caller.phase('all are well', many(30));
    await tell(sick, { isSick: true });
    const began = performance.now();
    const isOut = await caller.phase(
      `${name} is sick`,
      (answers) => caller.by(sick).length > 0 && answers.slice(-6).every(({ by }) => by !== sick),
      patience,
    );
    const failed = caller.by(sick).length;
    if (!isOut) {
      await tell(sick, { isSick: false });
      console.log(`${failed} calls failed, and ${name} was called all the same`);
      return;
    }
    const left = performance.now();
    await caller.phase('it is left out', many(20));
    await tell(sick, { isSick: false });
    await caller.phase('well again, still out', () => caller.by(sick).length > 0, patience);
    const out = performance.now() - left;
    await caller.phase('it is back', many(30));
    console.log(
      `${failed} calls failed in ${seconds(left - began)}, then ${name} was out for ${seconds(out)}`,
    );
  });
};

/** Changes a list of addresses, and shows who is called. */
export const showList = async (calling: Calling, policies: readonly Policy[]): Promise<void> => {
  if (calling.addresses.length < 2) {
    console.log('A list that changes needs two servers or more: give the others with --also.');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'servers-'));
  const file = path.join(folder, 'servers.txt');
  const write = (addresses: readonly string[]): void => writeFileSync(file, `${addresses.join('\n')}\n`);
  const { addresses } = calling;
  const last = addresses.at(-1)!;
  write(addresses.slice(0, -1));
  try {
    await withCaller(calling, `list:${file}`, policies, async (caller) => {
      await caller.settle();
      await caller.phase('without the last', many(30));
      write(addresses);
      const began = performance.now();
      const isFound = await caller.phase('the last is added', () => caller.by(last).length > 0, patience);
      const took = performance.now() - began;
      if (!isFound) return console.log(`the last got no call within ${seconds(patience)}`);
      await caller.phase('it is found', many(30));
      write(addresses.slice(1));
      await caller.settle();
      await caller.phase('the first is taken out', many(30));
      console.log(`the last got its first call ${seconds(took)} after its line was written`);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
