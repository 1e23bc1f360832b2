import { once as event } from 'node:events';
import { ServiceClient } from '../../services/service-client.ts';
import { repeat } from '../sample.ts';
import { endless, type Load, type Row } from './load.ts';
import { webSocket, webSocketEcho } from './web-socket-echo.ts';

/** How many messages of a fan-out are on their way at once. */
const onTheirWay = 8;

/** Counts who has heard what: a message is through when every subscriber has it. */
class Hearing {
  readonly #subscribers: number;
  readonly #waiting = new Map<string, { left: number; through: () => void }>();

  constructor(subscribers: number) {
    this.#subscribers = subscribers;
  }

  /** @returns a promise that resolves when every subscriber has heard the text */
  ofAll(text: string): Promise<void> {
    return new Promise((through) => {
      this.#waiting.set(text, { left: this.#subscribers, through });
    });
  }

  heard(text: string): void {
    const message = this.#waiting.get(text);
    if (!message) return;
    message.left -= 1;
    if (message.left > 0) return;
    this.#waiting.delete(text);
    message.through();
  }
}

/** Who sends the messages, and how all is ended. */
interface Sender {
  send(message: object): Promise<unknown>;
  close(): void;
}

const overGrpc = async (address: string, subscribers: number, hearing: Hearing): Promise<Sender> => {
  const connections = Array.from({ length: Math.min(10, subscribers) }, () => new ServiceClient(address));
  const streams = Array.from({ length: subscribers }, (_, index) => {
    const stream = connections[index % connections.length]!.open('/livechat.ChatService/ReceiveMessage');
    stream.on('data', ({ text }) => hearing.heard(text as string));
    endless(stream);
    stream.write({});
    stream.end();
    return stream;
  });
  await Promise.all(streams.map((stream) => event(stream, 'metadata')));
  const sender = new ServiceClient(address);
  return {
    send: (message) => sender.ask('/livechat.ChatService/SendMessage', message),
    close: () => {
      for (const client of [...connections, sender]) client.close();
    },
  };
};

const overWebSocket = async (address: string, subscribers: number, hearing: Hearing): Promise<Sender> => {
  const sockets = await Promise.all(Array.from({ length: subscribers }, () => webSocket(address, '/listen')));
  for (const socket of sockets) {
    socket.on('message', (data: Buffer) => {
      hearing.heard((JSON.parse(data.toString()) as { text: string }).text);
    });
  }
  const { send, close } = await webSocketEcho(address);
  return {
    send,
    close: () => {
      close();
      for (const socket of sockets) socket.terminate();
    },
  };
};

/** @returns the row of a live chat with so many who listen */
export const fanOut = (subscribers: number): Row => ({
  title: `live chat: fan-out to ${subscribers.toLocaleString('en')}`,
  service: 'lesson 6',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  subscribers,
  prepare: async (address, variant): Promise<Load> => {
    const hearing = new Hearing(subscribers);
    const { send, close } = await (variant === 'ws' ? overWebSocket : overGrpc)(
      address,
      subscribers,
      hearing,
    );
    let count = 0;
    const one = async (): Promise<void> => {
      count += 1;
      const text = String(count).padStart(100, '.');
      await Promise.all([hearing.ofAll(text), send({ user_name: 'Ada', text })]);
    };
    return { round: (effort) => repeat(one, effort, onTheirWay, subscribers), close };
  },
});
