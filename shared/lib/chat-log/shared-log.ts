import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { LogGone, NotInLog, type ChatLog, type Ends, type Engine, type Entry } from './chat-log.ts';

/** How many of the newest messages a server has in memory: those who keep up are served from there. */
const recentMost = 1_000;

/** How many messages are read at once. */
const batch = 100;

/** How long to wait before a log that is gone is looked for again, in milliseconds. */
const retryMs = 100;

/**
 * One server's view of a log that several have open. However many read, the engine is followed once, and its newest
 * messages are in memory; whoever is further behind reads from the engine, at a pace of their own.
 */
export class SharedLog implements ChatLog {
  readonly #engine: Engine;
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly #listeners: ((isThere: boolean) => void)[] = [];
  #recent: Entry[] = [];
  #newest: number;
  #isThere = true;

  private constructor(engine: Engine, newest: number) {
    this.#engine = engine;
    this.#newest = newest;
    this.#following = this.#follow();
  }

  /** @throws what the engine rejects with, when it cannot be reached; then it is closed */
  static async over(engine: Engine): Promise<SharedLog> {
    try {
      return new SharedLog(engine, (await engine.ends()).newest);
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async #orGone<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch {
      throw new LogGone();
    }
  }

  append(message: Message__Output): Promise<number> {
    return this.#orGone(this.#engine.append(message));
  }

  ends(): Promise<Ends> {
    return this.#orGone(this.#engine.ends());
  }

  async read(after: number, over: AbortSignal): Promise<Message__Output[]> {
    while (!over.aborted) {
      if (this.#closing.signal.aborted) throw new LogGone();
      if (!this.#isThere || after === this.#newest) {
        await this.#change(over);
      } else {
        // Another server may be ahead of this one: that is no reason to refuse a position.
        const entries = await this.#behind(after).catch(() => undefined);
        if (entries?.[0]?.position === after + 1) return entries.map(({ message }) => message);
        const ends = entries && (await this.#engine.ends().catch(() => undefined));
        if (ends && (after > ends.newest || after + 1 < ends.oldest)) throw new NotInLog(after, ends);
        await this.#change(over);
      }
    }
    // Whoever would ask again and again must not keep the others from their turn.
    await nextTurn();
    return [];
  }

  async #behind(after: number): Promise<Entry[]> {
    const first = after + 1 - (this.#recent[0]?.position ?? Infinity);
    return first >= 0 ? this.#recent.slice(first, first + batch) : this.#engine.entries(after, batch);
  }

  /** Resolves when something may have changed: there is more, the log is gone or back, or nobody waits any more. */
  #change(over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        over.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      over.addEventListener('abort', done);
      if (over.aborted) done();
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }

  watch(listener: (isThere: boolean) => void): void {
    this.#listeners.push(listener);
  }

  #say(isThere: boolean): void {
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    for (const listener of this.#listeners) listener(isThere);
    this.#wake();
  }

  #take(entries: readonly Entry[]): void {
    // Behind a gap, what is in memory would be counted wrongly.
    if (entries[0]!.position !== this.#newest + 1) this.#recent = [];
    this.#recent.push(...entries);
    if (this.#recent.length > 2 * recentMost) this.#recent = this.#recent.slice(-recentMost);
    this.#newest = entries.at(-1)!.position;
    this.#wake();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const entries = await this.#engine.next(this.#newest, signal);
        if (signal.aborted) return;
        if (entries.length > 0) this.#take(entries);
        else await this.#notShorter();
        this.#say(true);
      } catch {
        if (signal.aborted) return;
        this.#say(false);
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  /** A log that ends before what was read from it is another one: it was emptied, or put back from a copy. */
  async #notShorter(): Promise<void> {
    const { newest } = await this.#engine.ends();
    if (newest >= this.#newest) return;
    this.#recent = [];
    this.#newest = newest;
    this.#say(false);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#engine.close();
    await this.#following;
  }
}
