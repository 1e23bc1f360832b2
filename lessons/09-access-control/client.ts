import {
  credentials,
  InterceptingCall,
  Metadata,
  status,
  type CallOptions,
  type ClientReadableStream,
  type Interceptor,
  type requestCallback,
} from '@grpc/grpc-js';
import { sendOtp } from '#answers/08-phone-otp/client.ts';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { AccountServiceClient } from '#protos/generated/account/AccountService.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { endCall, secondTime } from '#shared/access/client-calls.ts';
import { Session } from '#shared/access/session.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import type { Ask, ClientContext, Questions } from '#shared/terminal/ask.ts';
import { explainStatus } from '#shared/terminal/explain-status.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;
const { UserService } = loadProto<Users>('user_service.proto').user;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

// grpc-js calls it for each call of a stub that has it. `next` lets the call go on its way.
export const attachToken =
  (session: Session): Interceptor =>
  (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: async (metadata, listener, next) => {
        try {
          // TODO 5 · Attach the token
          throw new Error('Step 5 is not written yet');
        } catch (error) {
          // No token could be got, so the call does not go out: who has made it is told why.
          endCall(listener, error);
          return;
        }
        next(metadata, listener);
      },
    });

export const signInAgain = (session: Session): Interceptor =>
  secondTime((refused, sent) => {
    // TODO 6 · Sign in again when it has run out
    throw new Error('Step 6 is not written yet');
  });

// The order counts: the second call passes the inner interceptor again, and gets the new token there.
export const interceptorsFor = (session: Session): Interceptor[] => [
  signInAgain(session),
  attachToken(session),
];

/** How long to wait for a reply, in milliseconds. */
const patience = 5_000;

// The reply of a unary call, or its status as an error, as in lesson 1.
const reply = <T>(call: (options: CallOptions, done: requestCallback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call({ deadline: Date.now() + patience }, (error, value) => (error ? reject(error) : resolve(value!)));
  });

export const signIn = (
  stub: AccountServiceClient,
  phone_number: string,
  otp: string,
): Promise<SignInResponse__Output> =>
  reply((options, done) => stub.SignIn({ phone_number, otp }, options, done));

// From here on: the menu, and the tour. There is nothing left for you to write.
export const questions = {
  call: {
    message: 'What would you like to do?',
    initial: 'tour',
    choices: ['profile', 'rename', 'list', 'delete', 'say', 'listen', 'tour', 'quit'],
  },
  phone: { message: 'Which phone number is yours?', initial: '+14155550123' },
  otp: { message: 'Which code has come (or nothing to stop)?', initial: '000000', piped: true },
  id: { message: 'Which id? (nothing: your own)', initial: '' },
  name: { message: 'Which name?', initial: 'Ada' },
  text: { message: 'What do you say?', initial: 'Hello, everybody.' },
} satisfies Questions;

// Whatever others have written is printed on one line: nobody may paint on your screen.
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

const heard = async (stream: ClientReadableStream<Message__Output>): Promise<void> => {
  for await (const { user_name, text } of stream) console.log(oneLine(`${user_name}: ${text}`));
};

const callsOf = (address: string, ask: Ask<typeof questions>) => {
  const insecure = credentials.createInsecure();
  const phones = new PhoneOTPService(address, insecure);
  const account = new AccountService(address, insecure);
  let phone: string | undefined;
  let ownId = '';

  const session = new Session(async () => {
    phone ??= await ask.one('phone');
    await sendOtp(phones, phone);
    console.log(`A code is on its way to ${phone}.`);
    for await (const otp of ask.each('otp')) {
      try {
        const { access_token, expires_in, user } = await signIn(account, phone, otp);
        ownId = user!.id;
        console.log(`You are signed in for ${expires_in!.seconds} seconds, as user ${ownId}.`);
        return { token: access_token, life: Number(expires_in!.seconds) * 1_000 };
      } catch (error) {
        if (!isServiceError(error) || error.code !== status.UNAUTHENTICATED) throw error;
        console.log(explainStatus(error, address));
      }
    }
    throw new Error('You have not signed in.');
  });

  const users = new UserService(address, insecure, { interceptors: interceptorsFor(session) });
  const chat = new ChatService(address, insecure, { interceptors: interceptorsFor(session) });
  // These have no interceptor: what goes out is what the tour puts in.
  const strangers = new UserService(address, insecure);

  const show = ({ id, name, email, phone_number }: User__Output) =>
    console.log(oneLine(`${id}  ${name}  ${email}  ${phone_number}`));
  const refused = async (what: string, call: Promise<unknown>): Promise<void> => {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error !== undefined && !isServiceError(error)) throw error;
    console.log(`${what}: ${error ? explainStatus(error, address) : 'let in!'}`);
  };
  const knock = (authorization?: string): Promise<unknown> => {
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set('authorization', authorization);
    return reply((options, done) => strangers.GetUser({ id: '1' }, metadata, options, done));
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const idAsked = async (): Promise<string> => {
    // A person may need long to type a code, and the deadline of a call does not wait: sign in before.
    await session.token();
    return (await ask.one('id')) || ownId;
  };
  const calls = {
    profile: async () => {
      const id = await idAsked();
      show(await reply((options, done) => users.GetUser({ id }, options, done)));
    },
    rename: async () => {
      const user = { id: await idAsked(), name: await ask.one('name') };
      const update_mask = { paths: ['name'] };
      show(await reply((options, done) => users.UpdateUser({ user, update_mask }, options, done)));
    },
    list: async () => {
      await session.token();
      const page = await reply<ListUsersResponse__Output>((options, done) =>
        users.ListUsers({}, options, done),
      );
      for (const user of page.users) show(user);
    },
    delete: async () => {
      const id = await idAsked();
      await reply((options, done) => users.DeleteUser({ id }, options, done));
      console.log(`User ${id} is deleted.`);
    },
    say: async () => {
      await session.token();
      const text = await ask.one('text');
      await reply((options, done) => chat.SendMessage({ user_name: 'me', text }, options, done));
    },
    listen: async () => {
      await session.token();
      console.log('Listening until your token runs out. Ctrl-C ends it earlier.');
      await heard(chat.ReceiveMessage({}));
    },
    tour: async () => {
      await refused('no token', knock());
      await refused('no scheme', knock('let me in'));
      const claims = { sub: '1', role: 'admin', exp: 9_999_999_999 };
      await refused(
        'a token that nobody has signed',
        knock(`Bearer ${part({ alg: 'none' })}.${part(claims)}.`),
      );
      await refused('a code that was never sent', signIn(account, '+14155550199', '000000'));
      console.log('To sign in, run it in a terminal: the code comes to the server.');
    },
  };
  const close = () => {
    for (const stub of [phones, account, users, chat, strangers]) stub.close();
  };
  return { calls, close };
};

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const { calls, close } = callsOf(address, ask);
  try {
    for await (const call of ask.each('call')) {
      if (call === 'quit') {
        process.exitCode = 0;
        return;
      }
      try {
        await calls[call as keyof typeof calls]();
      } catch (error) {
        // A call that fails does not end the menu.
        if (!isServiceError(error)) throw error;
        console.error(explainStatus(error, address));
        process.exitCode = 1;
      }
    }
  } finally {
    close();
  }
};
