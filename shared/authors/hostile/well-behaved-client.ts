import { once } from 'node:events';
import { status, type ServiceError } from '@grpc/grpc-js';
import { expect, vi } from 'vitest';
import type { Message, ServiceClient } from '../services/service-client.ts';
import { newNumber, newText } from './fresh-values.ts';
import { awaited, peerTimeoutMs } from './raw-client.ts';

/** A client that keeps to all rules, and wants to be served well whatever others do. */
export interface WellBehavedClient {
  /** Makes calls of its own, and looks at each answer. */
  visit(): Promise<void>;
  /** Looks whether all that was ever acknowledged to it is still there. */
  recall(): Promise<void>;
}

/** Everything that a well-behaved client works with. */
export interface Means {
  client: ServiceClient;
  /** The paths of what the server offers. */
  methods: string[];
  /** Resolves with the code that a phone has got by SMS, or gets. */
  codeFor(number: string): Promise<string>;
}

/** Calls each method that the server offers. In lesson 4 the parrot takes four seconds; but it is lesson 2's. */
export const ofHello = ({ client, methods }: Means): WellBehavedClient => ({
  visit: async () => {
    const name = newText();
    const request = { greeting: 'Hello', name };
    const message = `Hello ${name}`;
    const expected: Record<string, object[]> = {
      hello: [{ message }],
      ...(methods.length === 1 && {
        parrotHello: [1, 2, 3].map((count) => ({ message: `${message} ${count}` })),
      }),
      biHello: [{ message }, { message }],
      clientHello: [{ request: [request, request] }],
    };
    for (const [method, replies] of Object.entries(expected)) {
      const path = `/hello.Hello/${method}`;
      if (!methods.includes(path)) continue;
      const requests = ['biHello', 'clientHello'].includes(method) ? [request, request] : [request];
      expect(await client.ask(path, ...requests)).toMatchObject(replies);
    }
  },
  recall: async () => {},
});

/** Has no certificate, and is told so. */
export const refusedByHello = ({ client }: Means): WellBehavedClient => ({
  visit: async () => {
    const refusal = await client.ask('/hello.Hello/hello', {}).catch((error: ServiceError) => error);
    expect(refusal).toMatchObject({ code: status.UNAUTHENTICATED });
  },
  recall: async () => {},
});

export const ofChat = ({ client }: Means): WellBehavedClient => {
  const acknowledged: object[] = [];
  const user_from = newText();
  return {
    visit: async () => {
      const sent = [1, 2].map(() => ({ user_from, chat_room: 'lobby', message: newText() }));
      expect(await client.ask('/chat.ChatService/SendAndReceiveMessage', ...sent)).toEqual(sent);
      acknowledged.push(...sent);
    },
    recall: async () => {
      const [stats] = await client.ask('/chat.ChatService/GetStats', {});
      const history = await client.ask('/chat.ChatService/GetMessages', {});
      expect(history.length).toBeGreaterThanOrEqual(stats!.num_messages as number);
      expect(history.filter((message) => message.user_from === user_from)).toEqual(acknowledged);
    },
  };
};

/** Somebody in the live chat, who is subscribed from the first moment on. */
export const ofLiveChat = async ({ client }: Means, user_name = newText()): Promise<WellBehavedClient> => {
  const acknowledged: string[] = [];
  const heard: string[] = [];
  const call = client.open('/livechat.ChatService/ReceiveMessage');
  let ended: Error | undefined;
  call.on('error', (error) => (ended = error));
  const subscribed = once(call, 'metadata');
  call.on('data', (message) => {
    if (message.user_name === user_name) heard.push(message.text as string);
  });
  call.write({});
  call.end();
  await awaited(subscribed, 'the subscription');
  return {
    visit: async () => {
      const text = newText();
      const sent = { user_name, text };
      expect(await client.ask('/livechat.ChatService/SendMessage', sent)).toEqual([sent]);
      acknowledged.push(text);
    },
    recall: async () => {
      await vi.waitUntil(() => ended || heard.length >= acknowledged.length, { timeout: peerTimeoutMs });
      expect(ended).toBeUndefined();
      expect(heard).toEqual(acknowledged);
    },
  };
};

export const ofUsers = ({ client }: Means): WellBehavedClient => {
  const made: Message[] = [];
  return {
    visit: async () => {
      const name = newText();
      const user = { name, email: `${name.replace(' ', '')}@well-behaved.example`, phone_number: '' };
      const replies = await client.ask('/user.UserService/CreateUser', { user });
      expect(replies).toMatchObject([user]);
      made.push(...replies);
    },
    recall: async () => {
      for (const user of made)
        expect(await client.ask('/user.UserService/GetUser', { id: user.id })).toEqual([user]);
      const listed: Message[] = [];
      let page_token: unknown = '';
      do {
        const [page] = await client.ask('/user.UserService/ListUsers', { page_size: 1_000, page_token });
        listed.push(...(page!.users as Message[]));
        page_token = page!.next_page_token;
      } while (page_token !== '');
      const ids = new Set(made.map(({ id }) => id));
      expect(listed.filter(({ id }) => ids.has(id))).toEqual(made);
    },
  };
};

/** Asks each time whether the users are ready as well. */
export const ofUsersThatAreReady = (means: Means): WellBehavedClient => {
  const users = ofUsers(means);
  return {
    ...users,
    visit: async () => {
      for (const service of ['', 'user.UserService']) {
        const health = await means.client.ask('/grpc.health.v1.Health/Check', { service });
        expect(health).toEqual([{ status: 'SERVING' }]);
      }
      await users.visit();
    },
  };
};

/** Asks a front for a user whom its back has. */
export const ofFront = ({ client }: Means): WellBehavedClient => {
  const ask = async (): Promise<void> => {
    expect(await client.ask('/user.UserService/GetUser', { id: 'ada' })).toMatchObject([{ id: 'ada' }]);
  };
  return { visit: ask, recall: ask };
};

/** Pays, and calls a second time with the same key. */
export const ofPayments = ({ client }: Means): WellBehavedClient => {
  const payee = newText();
  let payments = 0;
  return {
    visit: async () => {
      const request = { payee, amount: 5, idempotency_key: newText() };
      const paid = await client.ask('/payment.PaymentService/Pay', request);
      expect(paid).toMatchObject([{ payee, amount: 5 }]);
      expect(await client.ask('/payment.PaymentService/Pay', request)).toEqual(paid);
      payments += 1;
    },
    recall: async () => {
      const total = { payments, amount: String(5 * payments) };
      expect(await client.ask('/payment.PaymentService/GetTotal', { payee })).toEqual([total]);
    },
  };
};

/** Has a code sent to a phone. @returns what brings it back */
const send = async ({ client, codeFor }: Means, phone_number = newNumber()) => {
  expect(await client.ask('/phoneotp.PhoneOTPService/SendOTP', { phone_number })).toEqual([
    { success: true },
  ]);
  return { phone_number, otp: await awaited(codeFor(phone_number), 'the SMS') };
};

export const ofPhoneOtp = async (means: Means): Promise<WellBehavedClient> => {
  const verify = async (code: object): Promise<void> => {
    expect(await means.client.ask('/phoneotp.PhoneOTPService/VerifyOTP', code)).toEqual([{ success: true }]);
  };
  const early = await send(means);
  return { visit: async () => verify(await send(means)), recall: () => verify(early) };
};

/**
 * Signs in to lesson 9.
 *
 * @param means - what the client works with; from now on it sends its token with each call
 * @param phone - its phone number: by default one that is new to the server
 * @returns the user that it is, and the header that proves it
 */
export const signIn = async (means: Means, phone?: string) => {
  const [reply] = await means.client.ask('/account.AccountService/SignIn', await send(means, phone));
  const { access_token, user } = reply as { access_token: string; user: { id: string } };
  const authorization = `Bearer ${access_token}`;
  means.client.metadata.set('authorization', authorization);
  return { user, authorization };
};

export const ofAccounts = async (means: Means): Promise<WellBehavedClient> => {
  const { client } = means;
  const early = await send(means);
  const { id } = (await signIn(means)).user;
  const name = newText();
  const updated = await client.ask('/user.UserService/UpdateUser', { user: { id, name } });
  expect(updated).toMatchObject([{ id, name }]);
  const chatting = await ofLiveChat(means, name);
  return {
    visit: async () => {
      expect(await client.ask('/user.UserService/GetUser', { id })).toEqual(updated);
      await chatting.visit();
    },
    recall: async () => {
      await chatting.recall();
      const signedIn = await client.ask('/account.AccountService/SignIn', early);
      expect(signedIn).toMatchObject([{ access_token: expect.stringMatching(/./) as unknown }]);
    },
  };
};
