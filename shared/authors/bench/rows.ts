import { once as event } from 'node:events';
import { credentials, Metadata, type ClientDuplexStream, type requestCallback } from '@grpc/grpc-js';
import { WebSocket } from 'ws';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { MessageReply__Output } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest } from '#protos/generated/chat/MessageRequest.ts';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { once, repeat, type Effort, type Sample } from './sample.ts';
import { knownCode, knownKey, type Service, type Variant } from './server-process.ts';

/** Work that is ready to be done again and again on one server. */
export interface Load {
  round(effort: Effort): Promise<Sample>;
  close(): void;
}

/** One line of the benchmark's table. */
export interface Row {
  title: string;
  service: Service;
  /** What is counted. */
  unit: 'calls' | 'messages' | 'deliveries';
  /** Who serves it; the workbook's own first. */
  variants: Variant[];
  /** How fast the workbook's should be at least, as a part of what bare grpc-js does. */
  target?: number;
  /** For a fan-out: to how many subscribers. */
  subscribers?: number;
  prepare(address: string, variant: Variant): Promise<Load>;
}

const { Hello } = loadProto<Hello>('hello.proto').hello;
const { ChatService } = loadProto<Chat>('chat.proto').chat;
const { ChatService: LiveChatService } = loadProto<LiveChat>('live_chat.proto').livechat;
const { UserService } = loadProto<Users>('user_service.proto').user;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;

const insecure = credentials.createInsecure();
/** A connection of its own for each stub: stubs with the same address would share one otherwise. */
const ownConnection = { 'grpc.use_local_subchannel_pool': 1 };

/** Makes a unary call, and resolves with its reply. */
const reply = <T>(make: (done: requestCallback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    make((error, value) => (error ? reject(error) : resolve(value!)));
  });

/** Ends the benchmark when what should go on for ever has ended. */
const endless = (stream: { on(event: 'error', listener: (error: Error) => void): unknown }): void => {
  let closing = false;
  stream.on('error', (error) => {
    closing ||= error.message.includes('CANCELLED') || error.message.includes('closed');
    if (!closing) throw error;
  });
};

/** A stream on which each message that is sent comes back: resolves, in order, when it has. */
interface Echo {
  send(): Promise<void>;
  close(): void;
}

const echoOf = <Request, Reply>(stream: ClientDuplexStream<Request, Reply>, message: Request): Echo => {
  const waiting: (() => void)[] = [];
  stream.on('data', () => waiting.shift()!());
  endless(stream);
  return {
    send: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        stream.write(message);
      }),
    close: () => stream.cancel(),
  };
};

/** The outcome of one connection that echoes, `inFlight` messages at a time. */
const echoing = (echo: Echo, inFlight: number): Load => ({
  round: (effort) => repeat(() => echo.send(), effort, inFlight),
  close: () => echo.close(),
});

const world = { greeting: 'Hello', name: 'World' };

const hello = (
  title: string,
  variants: Variant[],
  unit: Row['unit'],
  round: (stub: InstanceType<typeof Hello>, effort: Effort) => Promise<Sample>,
): Row => ({
  title,
  service: 'hello',
  unit,
  variants,
  ...(!variants.includes('watched') && { target: 0.95 }),
  prepare: async (address) => {
    const stub = new Hello(address, insecure, ownConnection);
    return { round: (effort) => round(stub, effort), close: () => stub.close() };
  },
});

const callHello = (stub: InstanceType<typeof Hello>) => () => reply((done) => stub.hello(world, done));

const biHello = (title: string, inFlight: number): Row => ({
  title,
  service: 'hello',
  unit: 'messages',
  variants: ['workbook', 'bare'],
  target: 0.95,
  prepare: async (address) =>
    echoing(echoOf(new Hello(address, insecure, ownConnection).biHello(), world), inFlight),
});

const chatMessage = { user_from: 'Ada', chat_room: 'lobby', message: 'x'.repeat(100) };

const chatOverGrpc = (address: string): Echo =>
  echoOf<MessageRequest, MessageReply__Output>(
    new ChatService(address, insecure, ownConnection).SendAndReceiveMessage(),
    chatMessage,
  );

/** A WebSocket that is open. */
const webSocket = async (address: string, path: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://${address}${path}`, { perMessageDeflate: false });
  await event(socket, 'open');
  return socket;
};

const chatOverWebSocket = async (address: string): Promise<Echo> => {
  const socket = await webSocket(address, '/');
  const waiting: (() => void)[] = [];
  socket.on('message', (data: Buffer) => {
    JSON.parse(data.toString());
    waiting.shift()!();
  });
  return {
    send: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(JSON.stringify(chatMessage));
      }),
    close: () => socket.terminate(),
  };
};

const chat = (title: string, inFlight: number): Row => ({
  title,
  service: 'chat',
  unit: 'messages',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  prepare: async (address, variant) =>
    echoing(variant === 'ws' ? await chatOverWebSocket(address) : chatOverGrpc(address), inFlight),
});

const chatHistory: Row = {
  title: 'chat: the history of 5,000 messages',
  service: 'chat',
  unit: 'messages',
  variants: ['workbook', 'bare'],
  target: 0.85,
  prepare: async (address) => {
    const length = 5_000;
    const echo = chatOverGrpc(address);
    await Promise.all(Array.from({ length }, () => echo.send()));
    const stub = new ChatService(address, insecure, ownConnection);
    const read = async (): Promise<void> => {
      let came = 0;
      for await (const message of stub.GetMessages({})) came += message ? 1 : 0;
      if (came !== length) throw new Error(`${came} of ${length} messages came`);
    };
    return {
      round: (effort) => repeat(read, effort, 1, length),
      close: () => {
        echo.close();
        stub.close();
      },
    };
  },
};

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

const fanOut = (subscribers: number): Row => ({
  title: `live chat: fan-out to ${subscribers.toLocaleString('en')}`,
  service: 'live-chat',
  unit: 'deliveries',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  subscribers,
  prepare: (address, variant) =>
    variant === 'ws' ? fanOutOverWebSocket(address, subscribers) : fanOutOverGrpc(address, subscribers),
});

const users = (
  title: string,
  inFlight: number,
  work: (stub: InstanceType<typeof UserService>) => Promise<() => Promise<unknown>>,
): Row => ({
  title,
  service: 'users',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  prepare: async (address) => {
    const stub = new UserService(address, insecure, ownConnection);
    const one = await work(stub);
    return { round: (effort) => repeat(one, effort, inFlight), close: () => stub.close() };
  },
});

let made = 0;
const createUser = (stub: InstanceType<typeof UserService>) => {
  made += 1;
  const user = { name: 'Ada Lovelace', email: `ada.${made}@example.com`, phone_number: '+14155550123' };
  return reply<{ id: string }>((done) => stub.CreateUser({ user }, done as never));
};

const token = async (): Promise<string> => {
  process.env.TOKEN_KEYS = knownKey;
  const [{ SigningKeys }, { sign }] = await Promise.all([
    import('#shared/access/signing-keys.ts'),
    import('#answers/09-access-control/server.ts'),
  ]);
  const ada = { id: 'ada', phone: '+14155550123', role: 'user' } as const;
  return sign(new SigningKeys(':memory:'), ada, 3_600, Date.now());
};

/** What the interceptor costs: verifying a token and a look at the table, beside the same handler with neither. */
const access: Row = {
  title: 'access control: get, 100 in flight',
  service: 'access',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  target: 0.85,
  prepare: async (address) => {
    const stub = new UserService(address, insecure, ownConnection);
    const metadata = new Metadata();
    // The bare server gets it too, and does not look: what differs is the interceptor alone.
    metadata.set('authorization', `Bearer ${await token()}`);
    const get = () => reply((done) => stub.GetUser({ id: 'ada' }, metadata, done));
    return { round: (effort) => repeat(get, effort, 100), close: () => stub.close() };
  },
};

let numbers = 0;
/** A telephone number that nobody has been asked for yet; all of them are well formed. */
const nextNumber = (): string => {
  numbers += 1;
  return `+1415${String(2_010_000 + numbers).padStart(7, '0')}`;
};

const phoneOtp = (
  title: string,
  round: (stub: InstanceType<typeof PhoneOTPService>, effort: Effort) => Promise<Sample>,
): Row => ({
  title,
  service: 'phone-otp',
  unit: 'calls',
  variants: ['workbook', 'bare'],
  prepare: async (address) => {
    const stub = new PhoneOTPService(address, insecure, ownConnection);
    return { round: (effort) => round(stub, effort), close: () => stub.close() };
  },
});

const sendOtp = (stub: InstanceType<typeof PhoneOTPService>, phone_number: string) =>
  reply((done) => stub.SendOTP({ phone_number }, done));

/** Every row of the table, in order. */
export const rows: Row[] = [
  hello('unary hello, 1 in flight', ['workbook', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort),
  ),
  hello('unary hello, 100 in flight', ['workbook', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort, 100),
  ),
  hello('the same under the workbook’s watch', ['watched', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort, 100),
  ),
  hello('server stream of 3, 100 in flight', ['workbook', 'bare'], 'messages', (stub, effort) => {
    const read = async (): Promise<void> => {
      let came = 0;
      for await (const message of stub.parrotHello(world)) came += message ? 1 : 0;
      if (came !== 3) throw new Error(`${came} of 3 replies came`);
    };
    return repeat(read, effort, 100, 3);
  }),
  hello('client stream of 100, 10 in flight', ['workbook', 'bare'], 'messages', (stub, effort) => {
    const send = () =>
      reply((done) => {
        const call = stub.clientHello(done);
        for (let count = 0; count < 100; count += 1) call.write(world);
        call.end();
      });
    return repeat(send, effort, 10, 100);
  }),
  biHello('bidi, ping-pong', 1),
  biHello('bidi, 100 in flight', 100),
  chat('chat acknowledgements, ping-pong', 1),
  chat('chat acknowledgements, 100 in flight', 100),
  chatHistory,
  ...[1, 10, 100, 1_000].map(fanOut),
  users('users: create, 10 in flight', 10, async (stub) => () => createUser(stub)),
  users('users: get, 10 in flight', 10, async (stub) => {
    const { id } = await createUser(stub);
    return () => reply((done) => stub.GetUser({ id }, done));
  }),
  users('users: list a page of 50, 10 in flight', 10, async (stub) => {
    for (let count = 0; count < 60; count += 1) await createUser(stub);
    return () => reply((done) => stub.ListUsers({ page_size: 50 }, done));
  }),
  access,
  phoneOtp('phone OTP: send, 10 in flight', (stub, effort) =>
    repeat(() => sendOtp(stub, nextNumber()), effort, 10),
  ),
  phoneOtp('phone OTP: verify, 10 in flight', async (stub, { scale }) => {
    const sent = Array.from({ length: Math.ceil(500 * scale) }, nextNumber);
    for (const number of sent) await sendOtp(stub, number);
    return once(sent.length, async (note) => {
      const left = [...sent];
      const worker = async (): Promise<void> => {
        for (let phone_number = left.pop(); phone_number !== undefined; phone_number = left.pop()) {
          const began = performance.now();
          const { success } = await reply<{ success: boolean }>((done) =>
            stub.VerifyOTP({ phone_number: phone_number!, otp: knownCode }, done as never),
          );
          if (!success) throw new Error('the right code was refused');
          note(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: 10 }, worker));
    });
  }),
];
