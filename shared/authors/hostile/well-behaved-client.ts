import { status, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'vitest';
import type { AttackedProcess } from './attacked-process.ts';
import { meansFor, type Means } from './well-behaved-calls.ts';
import { awaited } from './raw-client.ts';
import { adminPhone, newNumber, newText, type AttackedService } from './attacked-services.ts';

/** A client that keeps to all rules, and wants to be served well whatever others do. */
export interface WellBehavedClient {
  /** Makes calls of its own, and looks at each answer. */
  visit(): Promise<void>;
  /** Looks whether all that was ever acknowledged to it is still there. */
  recall(): Promise<void>;
  close(): void;
}

const ofHello = ({ ask, methods }: Means, refused = false): WellBehavedClient => {
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

const ofChat = ({ ask }: Means): WellBehavedClient => {
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
): Promise<WellBehavedClient> => {
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

const ofUsers = ({ ask }: Means): WellBehavedClient => {
  const made: { id: string }[] = [];
  return {
    visit: async () => {
      const name = newText();
      const user = { name, email: `${name.replace(' ', '')}@well-behaved.example`, phone_number: '' };
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

const ofPhoneOtp = async (means: Means): Promise<WellBehavedClient> => {
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

const ofAccounts = async (means: Means): Promise<WellBehavedClient> => {
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

const kinds: [RegExp, (means: Means) => WellBehavedClient | Promise<WellBehavedClient>][] = [
  [/^lesson [1-4]$/, (means) => ofHello(means)],
  [/^lesson 5$/, ofChat],
  [/^lesson 6$/, (means) => inLiveChat(means, newText())],
  [/^lesson 7$/, ofUsers],
  [/^lesson 8$/, ofPhoneOtp],
  [/^lesson 9$/, ofAccounts],
  [/^lesson 10$/, (means) => ofHello(means)],
  [/^lesson 10, to anybody$/, (means) => ofHello(means, true)],
];

/**
 * @param server - the process of the servers
 * @param service - the server that this client calls
 * @returns the client, who has settled in; close it in the end
 */
export const wellBehavedClientOf = async (
  server: AttackedProcess,
  service: AttackedService,
): Promise<WellBehavedClient> => {
  const means = meansFor(server, service);
  const [, kind] = kinds.find(([names]) => names.test(service.name))!;
  const wellBehaved = await kind(means);
  return {
    ...wellBehaved,
    close: () => {
      wellBehaved.close();
      means.client.close();
    },
  };
};

const signedIn = new WeakMap<AttackedProcess, Promise<Record<string, string>>>();

/** @returns the headers that an admin of lesson 9 sends with each call; none for the other servers */
export const headersFor = async (
  server: AttackedProcess,
  service: AttackedService,
): Promise<Record<string, string>> => {
  if (service.name !== 'lesson 9') return {};
  const admin = async (): Promise<Record<string, string>> => {
    const means = meansFor(server, service);
    const { access_token } = await signIn(means, adminPhone);
    means.client.close();
    return { authorization: `Bearer ${access_token}` };
  };
  // A phone gets one code in 30 seconds.
  if (!signedIn.has(server)) signedIn.set(server, admin());
  return signedIn.get(server)!;
};
