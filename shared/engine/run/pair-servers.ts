import { createInterface } from 'node:readline';
import { paint } from '../terminal/style.ts';
import { HalfProcess, type HalfOptions } from './half-process.ts';

export const loopback = '127.0.0.1';

/** How long a server may take to leave beyond the time that it asks for, in milliseconds, before it is ended. */
const spareMs = 1_500;

const loading = (server: HalfProcess) => server.first('loaded');

/** A server's place: the process changes when it is restarted, and its port stays. */
interface Place {
  server: HalfProcess;
  loaded: ReturnType<typeof loading>;
  port: number;
  stopMs: number;
  isRestarting: boolean;
}

/** A server that is of no use, and why: it has ended before it was there, or it takes too long. */
export type NotThere = [server: HalfProcess, outcome: 'gone' | 'late'];

/** Who wants to know what the servers do. */
interface Listeners {
  /** A process has begun. */
  onBegun: (server: HalfProcess) => void;
  /** A server has printed a line, which is marked with who speaks. */
  onLine: (line: string, stream: 'stdout' | 'stderr') => void;
  /** A server has ended that nobody has told to. */
  onGone: (name: string, code: number) => void;
  /** A server would not leave, and was ended. */
  onKilled: (name: string) => void;
}

const colours = [paint.cyan, paint.magenta, paint.yellow] as const;

/** The servers of a pair: one in most lessons, and several where the lesson's server says so. */
export class PairServers {
  readonly #options: Omit<HalfOptions, 'half' | 'mode' | 'capture'>;
  readonly #listeners: Listeners;
  readonly #places: Place[] = [];
  #given: Record<string, string[]> = {};
  #isEnding = false;

  constructor(options: Omit<HalfOptions, 'half' | 'mode' | 'capture'>, listeners: Listeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.addUpTo(1);
  }

  /** The first of them. What it says of itself when it is loaded holds for all. */
  get first(): Pick<Place, 'server' | 'loaded'> {
    return this.#places[0]!;
  }

  get addresses(): string[] {
    return this.#places.map(({ port }) => `${loopback}:${port}`);
  }

  /** Begins as many as are missing, until there are this many. */
  addUpTo(count: number): void {
    for (let index = this.#places.length; index < count; index += 1) {
      this.#places.push({ ...this.#begin(index), port: 0, stopMs: 0, isRestarting: false });
    }
  }

  /**
   * Brings all of them up.
   *
   * @param given - the lesson's flags
   * @returns one that did not come up; undefined when all are there
   */
  async listen(given: Record<string, string[]>): Promise<NotThere | undefined> {
    this.#given = given;
    const outcomes = await Promise.all(this.#places.map((place) => this.#listenAt(place)));
    return outcomes.find((outcome) => outcome !== undefined);
  }

  /**
   * Tells a server to leave, as a container platform does, and starts it anew at the same address.
   *
   * @param how - a server that is killed is told nothing: it ends as by kill -9
   * @returns whether it is back
   */
  async restart(address: string, how: 'told' | 'killed'): Promise<boolean> {
    const index = this.addresses.indexOf(address);
    const place = this.#places[index];
    if (!place || place.isRestarting || this.#isEnding) return false;
    place.isRestarting = true;
    try {
      if (how === 'killed') await place.server.kill();
      else if (!(await place.server.terminate(place.stopMs + spareMs)))
        this.#listeners.onKilled(this.#nameOf(index));
      if (this.#isEnding) return false;
      Object.assign(place, this.#begin(index));
      return (await this.#listenAt(place)) === undefined;
    } finally {
      place.isRestarting = false;
    }
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#places.map(({ server }) => server.stop()));
  }

  #nameOf(index: number): string {
    return this.#places.length > 1 ? `server ${index + 1}` : 'server';
  }

  #begin(index: number): Pick<Place, 'server' | 'loaded'> {
    const server = new HalfProcess({ ...this.#options, half: 'server', mode: 'pair', capture: true });
    this.#listeners.onBegun(server);
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: server.child[stream]! }).on('line', (line) => {
        const mark = colours[index % colours.length]!(`[${this.#nameOf(index)}]`);
        this.#listeners.onLine(`${mark} ${line}`, stream);
      });
    }
    return { server, loaded: loading(server) };
  }

  async #listenAt(place: Place): Promise<NotThere | undefined> {
    const { server } = place;
    const loaded = await place.loaded;
    if (typeof loaded === 'string') return [server, loaded];
    server.send({ type: 'start', address: `${loopback}:${place.port}`, given: this.#given });
    const listening = await server.first('listening');
    if (typeof listening === 'string') return [server, listening];
    place.port = listening.port;
    place.stopMs = listening.stopMs;
    void server.exit.then((code) => {
      if (this.#isEnding || place.isRestarting) return;
      this.#listeners.onGone(this.#nameOf(this.#places.indexOf(place)), code);
    });
    return undefined;
  }
}
