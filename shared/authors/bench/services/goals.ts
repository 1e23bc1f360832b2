import path from 'node:path';
import type { User__Output } from '#protos/generated/user/User.ts';
import { openOtpStore } from '#shared/storage/otp-store.ts';
import { secretKey } from '#shared/storage/secret-key.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import { ServiceClient } from '../../services/service-client.ts';
import { knownCode, knownKey } from '../../services/lesson-servers.ts';
import { once, repeat, type Effort, type Sample } from '../sample.ts';
import { fanOut } from './fan-out.ts';
import { echoing, grpcEcho, type Row } from './load.ts';
import { webSocketEcho } from './web-socket-echo.ts';

type Round = (effort: Effort) => Promise<Sample>;
type About = Pick<Row, 'title' | 'service' | 'target' | 'store'> & { variants?: Row['variants'] };

/** A row whose load comes from one connection; `work` makes it ready. */
const row = (about: About, work: (client: ServiceClient) => Promise<Round>): Row => ({
  variants: ['workbook', 'bare'],
  ...about,
  prepare: async (address) => {
    const client = new ServiceClient(address);
    return { round: await work(client), close: () => client.close() };
  },
});

const world = { greeting: 'Hello', name: 'World' };

const hello = (
  title: string,
  inFlight: number,
  call: { method?: string; requests?: number; units?: number },
  about: Partial<About> = { target: 0.95 },
): Row => {
  const { method = 'hello', requests = 1, units = 1 } = call;
  return row({ title, service: 'lesson 4 without pauses', ...about }, async (client) => {
    const one = async (): Promise<void> => {
      const sent = Array.from({ length: requests }, () => world);
      const { length } = await client.ask(`/hello.Hello/${method}`, ...sent);
      const expected = method === 'parrotHello' ? units : 1;
      if (length !== expected) throw new Error(`${length} of ${expected} replies came`);
    };
    return (effort) => repeat(one, effort, inFlight, units);
  });
};

const biHello = (title: string, inFlight: number): Row => ({
  title,
  service: 'lesson 4 without pauses',
  variants: ['workbook', 'bare'],
  target: 0.95,
  prepare: async (address) =>
    echoing(grpcEcho(new ServiceClient(address), '/hello.Hello/biHello'), world, inFlight),
});

const chatMessage = { user_from: 'Ada', chat_room: 'lobby', message: 'x'.repeat(100) };
const chatting = '/chat.ChatService/SendAndReceiveMessage';

const chat = (title: string, inFlight: number): Row => ({
  title,
  service: 'lesson 5',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  prepare: async (address, variant) => {
    const echo = await (variant === 'ws'
      ? webSocketEcho(address)
      : grpcEcho(new ServiceClient(address), chatting));
    return echoing(echo, chatMessage, inFlight);
  },
});

const historyLength = 5_000;
const chatHistory = row(
  { title: 'chat: the history of 5,000 messages', service: 'lesson 5', target: 0.85 },
  async (client) => {
    await client.ask(chatting, ...Array.from({ length: historyLength }, () => chatMessage));
    const read = async (): Promise<void> => {
      const { length } = await client.ask('/chat.ChatService/GetMessages', {});
      if (length !== historyLength) throw new Error(`${length} of ${historyLength} messages came`);
    };
    return (effort) => repeat(read, effort, 1, historyLength);
  },
);

let made = 0;
const newUser = () => {
  made += 1;
  return { name: 'Ada Lovelace', email: `ada.${made}@example.com`, phone_number: '+14155550123' };
};
const createUser = async (client: ServiceClient): Promise<string> => {
  const [reply] = await client.ask('/user.UserService/CreateUser', { user: newUser() });
  return reply!.id as string;
};
const createInStore = (store: UserStore): string => (store.create(newUser()) as User__Output).id;

const users = (
  what: string,
  work: (client: ServiceClient) => Promise<() => Promise<unknown>>,
  statements: (store: UserStore) => () => unknown,
): Row => {
  const store: Row['store'] = async (folder) => {
    const kept = new UserStore(path.join(folder, 'users.db'));
    const one = statements(kept);
    return { round: (effort) => repeat(async () => one(), effort), close: () => kept.close() };
  };
  return row({ title: `users: ${what}, 10 in flight`, service: 'lesson 7', store }, async (client) => {
    const one = await work(client);
    return (effort) => repeat(one, effort, 10);
  });
};

const token = async (): Promise<string> => {
  process.env.TOKEN_KEYS = knownKey;
  const { SigningKeys } = await import('#shared/access/signing-keys.ts');
  const { sign } = await import('#answers/09-access-control/server.ts');
  const ada = { id: 'ada', phone: '+14155550123', role: 'user' } as const;
  return sign(new SigningKeys(':memory:'), ada, 3_600, Date.now());
};

/** What the interceptor costs: verifying a token and a look at the table, beside the same handler with neither. */
const access = row(
  { title: 'access control: get, 100 in flight', service: 'access control alone', target: 0.85 },
  async (client) => {
    // The bare server gets it too, and does not look: what differs is the interceptor alone.
    client.metadata.set('authorization', `Bearer ${await token()}`);
    return (effort) => repeat(() => client.ask('/user.UserService/GetUser', { id: 'ada' }), effort, 100);
  },
);

let numbers = 0;
/** A number that nobody has been asked for yet; all of them are well formed. */
const newNumber = (): string => {
  numbers += 1;
  return `+1415${2_010_000 + numbers}`;
};

/** How a code is sent to a number, and how it is verified: over the wire, or by the statements alone. */
interface Codes {
  send(number: string): Promise<unknown>;
  verify(number: string): Promise<boolean>;
}

const overWire = (client: ServiceClient): Codes => ({
  send: (phone_number) => client.ask('/phoneotp.PhoneOTPService/SendOTP', { phone_number }),
  verify: async (phone_number) => {
    const code = { phone_number, otp: knownCode };
    return (await client.ask('/phoneotp.PhoneOTPService/VerifyOTP', code))[0]!.success as boolean;
  },
});

const inStore = async (folder: string): Promise<Codes & { close(): void }> => {
  const { fingerprint } = await import('#answers/08-phone-otp/server.ts');
  const db = path.join(folder, 'otp.db');
  const key = secretKey(db);
  const store = openOtpStore(db, key);
  return {
    send: async (number) => {
      store.claimSend(number, Date.now());
      store.keep(number, fingerprint(key, number, knownCode), Date.now());
    },
    verify: async (number) => {
      const { kept } = store.spendTry(number, Date.now());
      return kept.equals(fingerprint(key, number, knownCode)) && store.take(number, kept);
    },
    close: () => store.close(),
  };
};

const phoneOtp = (
  what: string,
  roundOf: (codes: Codes, inFlight: number) => (effort: Effort) => Promise<Sample>,
): Row =>
  row(
    {
      title: `phone OTP: ${what}, 10 in flight`,
      service: 'lesson 8 with a known code',
      store: async (folder) => {
        const codes = await inStore(folder);
        return { round: roundOf(codes, 1), close: codes.close };
      },
    },
    async (client) => roundOf(overWire(client), 10),
  );

const sendEach = (codes: Codes, inFlight: number) => (effort: Effort) =>
  repeat(() => codes.send(newNumber()), effort, inFlight);

const verifyAll =
  (codes: Codes, inFlight: number) =>
  async ({ scale }: Effort): Promise<Sample> => {
    const sent = Array.from({ length: Math.ceil(500 * scale) }, newNumber);
    for (const number of sent) await codes.send(number);
    return once(sent.length, async (note) => {
      const worker = async (): Promise<void> => {
        for (let number = sent.pop(); number !== undefined; number = sent.pop()) {
          const began = performance.now();
          if (!(await codes.verify(number))) throw new Error('the right code was refused');
          note(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
    });
  };

/** Every row of the table, in order. */
export const rows: Row[] = [
  hello('unary hello, 1 in flight', 1, {}),
  hello('unary hello, 100 in flight', 100, {}),
  hello('the same under the workbook’s watch', 100, {}, { variants: ['watched', 'bare'] }),
  hello('server stream of 3, 100 in flight', 100, { method: 'parrotHello', units: 3 }),
  hello('client stream of 100, 10 in flight', 10, { method: 'clientHello', requests: 100, units: 100 }),
  biHello('bidi, ping-pong', 1),
  biHello('bidi, 100 in flight', 100),
  chat('chat acknowledgements, ping-pong', 1),
  chat('chat acknowledgements, 100 in flight', 100),
  chatHistory,
  ...[1, 10, 100, 1_000].map(fanOut),
  users(
    'create',
    async (client) => () => createUser(client),
    (store) => () => createInStore(store),
  ),
  users(
    'get',
    async (client) => {
      const id = await createUser(client);
      return () => client.ask('/user.UserService/GetUser', { id });
    },
    (store) => {
      const id = createInStore(store);
      return () => store.get(id);
    },
  ),
  users(
    'list a page of 50',
    async (client) => {
      for (let count = 0; count < 60; count += 1) await createUser(client);
      return () => client.ask('/user.UserService/ListUsers', { page_size: 50 });
    },
    (store) => {
      for (let count = 0; count < 60; count += 1) createInStore(store);
      return () => store.page(50, '');
    },
  ),
  access,
  phoneOtp('send', sendEach),
  phoneOtp('verify', verifyAll),
];
