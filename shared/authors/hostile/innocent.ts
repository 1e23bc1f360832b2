import { Client, credentials, Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { expect } from 'vitest';
import type { ServerProcess } from './server-process.ts';
import { awaited, peerTimeoutMs } from './raw-client.ts';
import { adminPhone, newNumber, newText, type Method, type Victim } from './victims.ts';

/** A client that keeps to all rules, and wants to be served well whatever others do. */
export interface Innocent {
  /** Makes calls of its own, and looks at each answer. */
  visit(): Promise<void>;
  /** Looks whether all that was ever acknowledged to it is still there. */
  recall(): Promise<void>;
  close(): void;
}

type Ask = (path: string, ...requests: object[]) => Promise<Record<string, never>[]>;

/** Everything that an innocent client works with. */
interface Means {
  server: ServerProcess;
  client: Client;
  methods: Map<string, Method>;
  /** Makes a call of any kind to its end, and gives its replies. */
  ask: Ask;
  metadata: Metadata;
}

const soon = () => ({ deadline: Date.now() + peerTimeoutMs });

/** Makes calls of all kinds alike: the kinds differ in how many messages there are, and not on the wire. */
const asking =
  ({ client, methods, metadata }: Pick<Means, 'client' | 'methods' | 'metadata'>): Ask =>
  (path, ...requests) =>
    new Promise((resolve, reject) => {
      const { requestSerialize, responseDeserialize } = methods.get(path)!;
      const call = client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadata,
        soon(),
      );
      const replies: object[] = [];
      call.on('data', (reply: object) => replies.push(reply));
      call.on('error', reject);
      call.on('status', ({ code }: StatusObject) => {
        if (code === status.OK) resolve(replies as never);
      });
      for (const request of requests) call.write(request);
      call.end();
    });

const ofHello = ({ ask, methods }: Means, refused = false): Innocent => {
  const has = (name: string): boolean => methods.has(`/hello.Hello/${name}`);
  const parrot = async (): Promise<void> => {
    const replies = await ask('/hello.Hello/parrotHello', { greeting: 'Hi', name: 'Io' });
    expect(replies).toEqual([1, 2, 3].map((count) => ({ message: `Hi Io ${count}` })));
  };
  return {
    visit: async () => {
      const name = newText();
      const request = { greeting: 'Hello', name };
      const message = `Hello ${name}`;
      if (refused) {
        const refusal = await ask('/hello.Hello/hello', request).catch((error: ServiceError) => error);
        expect(refusal).toMatchObject({ code: status.UNAUTHENTICATED });
      } else if (has('hello')) {
        expect(await ask('/hello.Hello/hello', request)).toEqual([{ message }]);
      }
      if (has('biHello')) {
        expect(await ask('/hello.Hello/biHello', request, request)).toEqual([{ message }, { message }]);
      }
      if (has('clientHello')) {
        expect(await ask('/hello.Hello/clientHello', request, request)).toMatchObject([
          { request: [request, request] },
        ]);
      }
      // In lesson 4 it takes four seconds; but it is lesson 2's.
      if (has('parrotHello') && methods.size === 1) await parrot();
    },
    recall: async () => {},
    close: () => {},
  };
};

const ofChat = ({ ask }: Means): Innocent => {
  const acknowledged: object[] = [];
  const user_from = newText();
  return {
    visit: async () => {
      const sent = [1, 2].map(() => ({ user_from, chat_room: 'lobby', message: newText() }));
      expect(await ask('/chat.ChatService/SendAndReceiveMessage', ...sent)).toEqual(sent);
      acknowledged.push(...sent);
    },
    recall: async () => {
      const [stats] = await ask('/chat.ChatService/GetStats', {});
      const history = await ask('/chat.ChatService/GetMessages', {});
      expect(history.length).toBeGreaterThanOrEqual(stats!.num_messages!);
      expect(history.filter((message) => message.user_from === (user_from as never))).toEqual(acknowledged);
    },
    close: () => {},
  };
};

/** Somebody in the live chat, who is subscribed from the first moment on. */
const inLiveChat = async (
  { ask, client, methods, metadata }: Means,
  user_name: string,
): Promise<Innocent> => {
  const acknowledged: string[] = [];
  const heard: string[] = [];
  let onHeard = (): void => {};
  const path = '/livechat.ChatService/ReceiveMessage';
  const { requestSerialize, responseDeserialize } = methods.get(path)!;
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {}, metadata);
  let ended: ServiceError | undefined;
  call.on('error', (error: ServiceError) => {
    ended = error;
    onHeard();
  });
  call.on('data', (message: { user_name: string; text: string }) => {
    if (message.user_name !== user_name) return;
    heard.push(message.text);
    onHeard();
  });
  await awaited(
    new Promise<void>((resolve) => {
      onHeard = resolve;
      call.on('metadata', () => resolve());
    }),
    'the subscription',
  );
  return {
    visit: async () => {
      const text = newText();
      expect(await ask('/livechat.ChatService/SendMessage', { user_name, text })).toEqual([
        { user_name, text },
      ]);
      acknowledged.push(text);
    },
    recall: async () => {
      const all = new Promise<void>((resolve) => {
        onHeard = () => {
          if (ended || heard.length >= acknowledged.length) resolve();
        };
        onHeard();
      });
      await awaited(all, 'what was acknowledged');
      expect(ended).toBeUndefined();
      expect(heard).toEqual(acknowledged);
    },
    close: () => call.cancel(),
  };
};

const ofUsers = ({ ask }: Means): Innocent => {
  const made: { id: string }[] = [];
  return {
    visit: async () => {
      const name = newText();
      const user = { name, email: `${name.replace(' ', '')}@innocent.example`, phone_number: '' };
      const [reply] = await ask('/user.UserService/CreateUser', { user });
      expect(reply).toMatchObject(user);
      made.push(reply as unknown as { id: string });
    },
    recall: async () => {
      for (const user of made)
        expect(await ask('/user.UserService/GetUser', { id: user.id })).toEqual([user]);
      const listed: { id: string }[] = [];
      let page_token = '';
      do {
        const [page] = await ask('/user.UserService/ListUsers', { page_size: 1_000, page_token });
        listed.push(...(page!.users as unknown as { id: string }[]));
        page_token = page!.next_page_token! as string;
      } while (page_token !== '');
      const ids = new Set(made.map(({ id }) => id));
      expect(listed.filter(({ id }) => ids.has(id))).toEqual(made);
    },
    close: () => {},
  };
};

const send = async ({ ask, server }: Means, phone_number = newNumber()) => {
  expect(await ask('/phoneotp.PhoneOTPService/SendOTP', { phone_number })).toEqual([{ success: true }]);
  return { phone_number, otp: await awaited(server.codeFor(phone_number), 'the SMS') };
};

const ofPhoneOtp = async (means: Means): Promise<Innocent> => {
  const verify = async (code: object): Promise<void> => {
    expect(await means.ask('/phoneotp.PhoneOTPService/VerifyOTP', code)).toEqual([{ success: true }]);
  };
  const early = await send(means);
  return {
    visit: async () => verify(await send(means)),
    recall: () => verify(early),
    close: () => {},
  };
};

const signIn = async (means: Means, phone?: string) => {
  const [reply] = await means.ask('/account.AccountService/SignIn', await send(means, phone));
  return reply as unknown as { access_token: string; user: { id: string; name: string } };
};

const ofAccounts = async (means: Means): Promise<Innocent> => {
  const { ask, metadata } = means;
  const early = await send(means);
  const { access_token, user } = await signIn(means);
  metadata.set('authorization', `Bearer ${access_token}`);
  const name = newText();
  const [updated] = await ask('/user.UserService/UpdateUser', { user: { id: user.id, name } });
  expect(updated).toMatchObject({ id: user.id, name });
  const chatting = await inLiveChat(means, name);
  return {
    visit: async () => {
      expect(await ask('/user.UserService/GetUser', { id: user.id })).toEqual([updated]);
      await chatting.visit();
    },
    recall: async () => {
      await chatting.recall();
      const [signedIn] = await ask('/account.AccountService/SignIn', early);
      expect(signedIn).toMatchObject({ access_token: /./ });
    },
    close: chatting.close,
  };
};

const kinds: [RegExp, (means: Means) => Innocent | Promise<Innocent>][] = [
  [/^lesson [1-4]$/, (means) => ofHello(means)],
  [/^lesson 5$/, ofChat],
  [/^lesson 6$/, (means) => inLiveChat(means, newText())],
  [/^lesson 7$/, ofUsers],
  [/^lesson 8$/, ofPhoneOtp],
  [/^lesson 9$/, ofAccounts],
  [/^lesson 10$/, (means) => ofHello(means)],
  [/^lesson 10, to anybody$/, (means) => ofHello(means, true)],
];

const meansFor = (server: ServerProcess, victim: Victim): Means => {
  const { ca, cert, key } = server.certificates();
  const own = victim.secured === 'its own';
  const channel = victim.secured
    ? credentials.createSsl(ca, own ? key : null, own ? cert : null)
    : credentials.createInsecure();
  // A connection of its own: grpc-js would share it with others in this process.
  const client = new Client(server.addressOf(victim), channel, {
    'grpc.use_local_subchannel_pool': 1,
    ...(victim.secured && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
  const methods = new Map(victim.targets.map(({ method }) => [method.path, method]));
  const metadata = new Metadata();
  return { server, client, methods, metadata, ask: asking({ client, methods, metadata }) };
};

/**
 * @param server - the process of the servers
 * @param victim - the server that this client calls
 * @returns the client, who has settled in; close it in the end
 */
export const innocentOf = async (server: ServerProcess, victim: Victim): Promise<Innocent> => {
  const means = meansFor(server, victim);
  const [, kind] = kinds.find(([names]) => names.test(victim.name))!;
  const innocent = await kind(means);
  return {
    ...innocent,
    close: () => {
      innocent.close();
      means.client.close();
    },
  };
};

const signedIn = new WeakMap<ServerProcess, Promise<Record<string, string>>>();

/** @returns the headers that an admin of lesson 9 sends with each call; none for the other servers */
export const headersFor = async (server: ServerProcess, victim: Victim): Promise<Record<string, string>> => {
  if (victim.name !== 'lesson 9') return {};
  const admin = async (): Promise<Record<string, string>> => {
    const means = meansFor(server, victim);
    const { access_token } = await signIn(means, adminPhone);
    means.client.close();
    return { authorization: `Bearer ${access_token}` };
  };
  // A phone gets one code in 30 seconds.
  if (!signedIn.has(server)) signedIn.set(server, admin());
  return signedIn.get(server)!;
};
