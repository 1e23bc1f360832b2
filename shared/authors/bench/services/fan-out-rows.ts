import { once as event } from 'node:events';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { repeat } from '../sample.ts';
import { webSocket } from './chat-rows.ts';
import { endless, insecure, ownConnection, reply, type Load, type Row } from './load.ts';

const { ChatService: LiveChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

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

const textOf = (count: number): string => String(count).padStart(100, '.');

const fanOutLoad = (
  subscribers: number,
  hearing: Hearing,
  send: (text: string) => Promise<unknown>,
  close: () => void,
): Load => {
  let count = 0;
  const one = async (): Promise<void> => {
    count += 1;
    const text = textOf(count);
    await Promise.all([hearing.ofAll(text), send(text)]);
  };
  return { round: (effort) => repeat(one, effort, onTheirWay, subscribers), close };
};

const fanOutOverGrpc = async (address: string, subscribers: number): Promise<Load> => {
  const hearing = new Hearing(subscribers);
  const stubs = Array.from(
    { length: Math.min(10, subscribers) },
    () => new LiveChatService(address, insecure, ownConnection),
  );
  const streams = Array.from({ length: subscribers }, (_, index) =>
    stubs[index % stubs.length]!.ReceiveMessage({}),
  );
  const subscribed = Promise.all(streams.map((stream) => event(stream, 'metadata')));
  for (const stream of streams) {
    stream.on('data', ({ text }: { text: string }) => hearing.heard(text));
    endless(stream);
  }
  await subscribed;
  const sender = new LiveChatService(address, insecure, ownConnection);
  return fanOutLoad(
    subscribers,
    hearing,
    (text) => reply((done) => sender.SendMessage({ user_name: 'Ada', text }, done)),
    () => {
      for (const stream of streams) stream.cancel();
      for (const stub of [...stubs, sender]) stub.close();
    },
  );
};

const fanOutOverWebSocket = async (address: string, subscribers: number): Promise<Load> => {
  const hearing = new Hearing(subscribers);
  const sockets = await Promise.all(Array.from({ length: subscribers }, () => webSocket(address, '/listen')));
  for (const socket of sockets) {
    socket.on('message', (data: Buffer) => {
      hearing.heard((JSON.parse(data.toString()) as { text: string }).text);
    });
  }
  const sender = await webSocket(address, '/');
  const waiting: (() => void)[] = [];
  sender.on('message', () => waiting.shift()!());
  const send = (text: string): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      sender.send(JSON.stringify({ user_name: 'Ada', text }));
    });
  return fanOutLoad(subscribers, hearing, send, () => {
    for (const socket of [...sockets, sender]) socket.terminate();
  });
};

export const fanOut = (subscribers: number): Row => ({
  title: `live chat: fan-out to ${subscribers.toLocaleString('en')}`,
  service: 'live-chat',
  unit: 'deliveries',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  subscribers,
  prepare: (address, variant) =>
    variant === 'ws' ? fanOutOverWebSocket(address, subscribers) : fanOutOverGrpc(address, subscribers),
});
