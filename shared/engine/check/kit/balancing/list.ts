import type { AddressList, Heard } from '#shared/balancing/address-list.ts';
import type { OneOfMany } from './servers.ts';

/** A list of servers that the check changes. */
export class ListOfCheck implements AddressList {
  readonly #watching = new Set<Heard>();
  #now: Parameters<Heard> = [[]];

  constructor(servers: readonly OneOfMany[]) {
    this.has(servers);
  }

  /** How many watch it. */
  get watchers(): number {
    return this.#watching.size;
  }

  watch(heard: Heard): () => void {
    // The same function may watch twice.
    const own: Heard = (...what) => heard(...what);
    this.#watching.add(own);
    setImmediate(() => {
      if (this.#watching.has(own)) own(...this.#now);
    });
    return () => void this.#watching.delete(own);
  }

  #tell(...now: Parameters<Heard>): void {
    this.#now = now;
    // Who hears of it may end its watch, and begin another one.
    const watching = [...this.#watching];
    for (const heard of watching) if (this.#watching.has(heard)) heard(...now);
  }

  /** It has these from now on. */
  has(servers: readonly OneOfMany[]): void {
    this.#tell(
      servers.map(({ address }) => {
        const [host = '', port] = address.split(':');
        return { host, port: Number(port) };
      }),
    );
  }

  /** It cannot be read from now on. */
  breaks(problem: string): void {
    this.#tell([], problem);
  }
}
