import { clientWire, type ClientWireEvent } from './client-wire.ts';
import { wire, type WireEvent } from './wire-events.ts';
import { more } from '../terminal/shorten-lines.ts';
import { wireText } from './wire-text.ts';
import { methodAt } from './methods.ts';

type Side = 'client' | 'server';

/** What has happened, and how to put it into words once somebody wants to read it. */
interface Entry {
  side: Side;
  /** The call's number in the timeline. */
  call: number;
  kind: WireEvent['kind'];
  /** Whether it says nothing by itself: that a call began, or that metadata came, with nothing in it. */
  empty: boolean;
  order: number;
  /** What stands behind the side. */
  words: () => string;
}

/** Puts an entry where it belongs: nearly always at the end. */
const insert = (entries: Entry[], entry: Entry): void => {
  let index = entries.length;
  while (index > 0 && entries[index - 1]!.order > entry.order) index -= 1;
  entries.splice(index, 0, entry);
};

/** How many events are kept from the beginning, and how many from the end: more are never shown. */
const kept = 24;

/** How many lines are shown from the beginning, and how many from the end, where most failures are. */
const shown = { first: 4, last: 7 };

/** Metadata that every client sends by itself. */
const ofTransport = /^(?:user-agent|host|date|content-type|(?:grpc-)?accept-encoding|grpc-encoding)$/;

/** What grpc-js says of a deadline that has passed; behind it come measurements of its own. */
const measured = /^(DEADLINE_EXCEEDED: Deadline exceeded after [\d.]+s),.*$/s;

const ownMetadata = (metadata: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(metadata as object).filter(([key]) => !ofTransport.test(key)));

const textOfBytes = ({ path, kind, value }: ClientWireEvent): string => {
  const bytes = value as Buffer;
  try {
    const { requestDeserialize, responseDeserialize } = methodAt(path)!;
    return wireText(kind === 'request' ? requestDeserialize(bytes) : responseDeserialize(bytes));
  } catch {
    return `(${bytes.length} bytes)`;
  }
};

const isMetadata = ({ kind }: WireEvent): boolean => kind === 'began' || kind === 'metadata';

const wordsOf = (side: Side, { method, kind, value }: WireEvent, message: () => string): (() => string) => {
  const toServer = side === 'client' ? '→' : '←';
  const toClient = side === 'client' ? '←' : '→';
  switch (kind) {
    case 'began': {
      const metadata = ownMetadata(value);
      if (Object.keys(metadata).length > 0)
        return () => `${toServer} ${method}, metadata ${wireText(metadata)}`;
      return () => (side === 'client' ? `· calls ${method}` : `· gets the call of ${method}`);
    }
    case 'metadata': {
      const metadata = ownMetadata(value);
      return () => `${toClient} ${method}, metadata ${wireText(metadata)}`;
    }
    case 'request':
      return () => `${toServer} ${method} ${message()}`;
    case 'reply':
      return () => `${toClient} ${method} ${message()}`;
    case 'half-close':
      return () => (side === 'client' ? '· has finished sending' : '· sees that the client has finished');
    case 'cancelled':
      return () => (side === 'client' ? '· cancels the call' : '· sees that the client has gone');
    case 'status':
      return () => `· ended with ${String(value).replace(measured, '$1')}`;
  }
};

// What came over the wire may contain anything. On a terminal it must stay the one line that it is.
const plain = (line: string): string => line.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');

/**
 * What the clients and the servers of this process have seen and done on their calls, in the order in which it happened
 * here. However much that is, only so much of it is kept as is ever shown.
 */
export class Timeline {
  #first: Entry[] = [];
  #last: Entry[] = [];
  #left = 0;
  #calls = 0;
  /** The numbers of the calls, by side and the number that the side itself gives to the call. */
  #numbers: Record<Side, Map<number, number>> = { client: new Map(), server: new Map() };
  /** The calls that a client has made and that no server has got yet. */
  #underway: { method: string; call: number }[] = [];

  constructor() {
    clientWire.subscribe((event) => {
      const seen = event as ClientWireEvent;
      this.#add('client', seen, () => textOfBytes(seen));
    });
    wire.subscribe((event) => {
      const seen = event as WireEvent;
      // A copy, because the handler may change its message later. To put each into words now would take time.
      const message = typeof seen.value === 'object' ? { ...seen.value } : seen.value;
      this.#add('server', seen, () => wireText(message));
    });
  }

  /** Forgets everything: what happens from now on belongs to the next check. */
  clear(): void {
    this.#first = [];
    this.#last = [];
    this.#left = 0;
    this.#calls = 0;
    this.#numbers = { client: new Map(), server: new Map() };
    this.#underway = [];
  }

  /** @returns a few lines, each with the side that saw it first; none when nothing went over the wire */
  lines(): string[] {
    // An empty line is of interest only while nothing that says more follows it on the same side.
    const entries = [...this.#first, ...this.#last];
    const telling = entries.filter(
      ({ side, call, empty }, index) =>
        !empty ||
        !['request', 'reply', 'status'].includes(
          entries.slice(index + 1).find((next) => next.side === side && next.call === call)?.kind ?? '',
        ),
    );
    const { first, last } = shown;
    const lineOf = ({ side, call, words }: Entry): string =>
      plain(`${side}${this.#calls > 1 ? ` ${call}` : ''} ${words()}`);
    if (this.#left === 0 && telling.length <= first + last + 1) return telling.map(lineOf);
    return [
      ...telling.slice(0, first).map(lineOf),
      more(telling.length - first - last + this.#left),
      ...telling.slice(-last).map(lineOf),
    ];
  }

  #add(side: Side, event: WireEvent, message: () => string): void {
    const call = this.#numberOf(side, event);
    // A call that began before the check is none of its own.
    if (call === undefined) return;
    const entry: Entry = {
      side,
      call,
      kind: event.kind,
      order: event.order,
      empty: isMetadata(event) && Object.keys(ownMetadata(event.value)).length === 0,
      words: wordsOf(side, event, message),
    };
    if (this.#first.length < kept) {
      insert(this.#first, entry);
      return;
    }
    insert(this.#last, entry);
    if (this.#last.length > kept) {
      this.#last.shift();
      this.#left += 1;
    }
  }

  /** Nothing on the wire names a call. A server's next call of a method is the one that was made first, of those it has not got. */
  #numberOf(side: Side, { call, method, kind }: WireEvent): number | undefined {
    const numbers = this.#numbers[side];
    if (kind === 'began') {
      const index = side === 'server' ? this.#underway.findIndex((made) => made.method === method) : -1;
      const [made] = index === -1 ? [] : this.#underway.splice(index, 1);
      const number = made?.call ?? (this.#calls += 1);
      if (side === 'client') this.#underway.push({ method, call: number });
      numbers.set(call, number);
      return number;
    }
    const number = numbers.get(call);
    if (side === 'client' && kind === 'status') {
      this.#underway = this.#underway.filter((made) => made.call !== number);
    }
    return number;
  }
}
