import { credentials, type ClientReadableStream } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceClient } from '#protos/generated/livechat/ChatService.ts';
import type { Message, Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** How long the server may take to let you in, or to acknowledge a message, in milliseconds. */
const patience = 5_000;

type Subscription = ClientReadableStream<Message__Output>;

// Resolves when the server has said that you are in: every message from now on will come.
const subscribed = (subscription: Subscription): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('The server has not said that you are in.')), patience);
    const settle = (error?: Error): void => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    };
    subscription.once('metadata', () => settle()).once('error', settle);
  });

const send = (stub: ChatServiceClient, message: Message): Promise<void> =>
  new Promise((resolve, reject) => {
    stub.sendMessage(message, { deadline: Date.now() + patience }, (error) =>
      error ? reject(error) : resolve(),
    );
  });

// Hands over each message as it comes, until the call is over. `leaving` says whether you have ended it yourself.
export const listen = async (
  subscription: Subscription,
  onMessage: (message: Message__Output) => void,
  leaving: AbortSignal,
): Promise<void> => {
  //#region Step 6 · Listen until you leave
  try {
    for await (const message of subscription) onMessage(message);
  } catch (error) {
    // Your own leaving looks like a failure from here: CANCELLED. Every other end is news.
    if (!leaving.aborted) throw error;
  }
  //#endregion
};

export const chat = async (
  stub: ChatServiceClient,
  user: string,
  texts: AsyncIterable<string>,
  onMessage: (message: Message__Output) => void,
): Promise<void> => {
  // No deadline: this call lasts as long as you stay.
  const subscription = stub.receiveMessage({});
  const leaving = new AbortController();
  leaving.signal.addEventListener('abort', () => subscription.cancel());
  const underway: string[] = [];
  let talking = true;

  const leaveWhenDone = (): void => {
    if (!talking && underway.length === 0) leaving.abort();
  };

  const talk = async (): Promise<void> => {
    for await (const text of texts) {
      underway.push(text);
      await send(stub, { user_name: user, text });
    }
    talking = false;
    leaveWhenDone();
  };

  const hear = (message: Message__Output): void => {
    onMessage(message);
    const own = message.user_name === user ? underway.indexOf(message.text) : -1;
    if (own !== -1) underway.splice(own, 1);
    leaveWhenDone();
  };

  try {
    await subscribed(subscription);
    const listening = listen(subscription, hear, leaving.signal);
    // It is over when the subscription is. A message that cannot be sent ends it too.
    await Promise.race([listening, talk().then(() => listening)]);
  } finally {
    leaving.abort();
  }
};

// What others write is printed on one line, whatever it contains: nobody may paint on your screen.
const lineOf = ({ user_name, text }: Message__Output): string =>
  `${user_name}: ${text}`.replaceAll(/\p{Cc}+/gu, ' ');

export const questions = {
  user: { message: 'Who are you?', initial: 'Ada' },
  text: {
    message: 'Say something (or nothing to leave)',
    initial: ['Hello, everybody.', 'Is anybody here?'],
    piped: true,
  },
} satisfies Questions;

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const user = await ask.one('user');
  const stub = new ChatService(address, credentials.createInsecure());
  try {
    await chat(stub, user, ask.each('text'), (message) => console.log(lineOf(message)));
  } finally {
    stub.close();
  }
};
