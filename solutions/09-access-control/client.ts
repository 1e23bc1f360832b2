import { credentials, InterceptingCall, status, type Interceptor } from '@grpc/grpc-js';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { endCall, secondTime } from '#shared/access/client-calls.ts';
import { Session } from '#shared/access/session.ts';
import { signInDialogue } from '#shared/access/sign-in-dialogue.ts';
import { tour } from '#shared/access/break-in-attempts.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { reply } from '#shared/grpc/unary-call.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';
import { menu } from '#shared/terminal/menu.ts';

const { UserService } = loadProto<Users>('user_service.proto').user;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;

// grpc-js calls it for each call of a stub that has it. `next` lets the call go on its way.
export const attachToken =
  (session: Session): Interceptor =>
  (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: async (metadata, listener, next) => {
        try {
          //#region Step 5 · Attach the token
          metadata.set('authorization', `Bearer ${await session.token()}`);
          //#endregion
        } catch (error) {
          // No token could be got, so the call does not go out: who has made it is told why.
          endCall(listener, error);
          return;
        }
        next(metadata, listener);
      },
    });

export const signInAgain = (session: Session): Interceptor =>
  secondTime({
    again: (refused, sent) => {
      //#region Step 6 · Sign in again when it has run out
      // Who may not do something may not do it with a new token either.
      if (refused.code !== status.UNAUTHENTICATED) return false;
      session.forget(sent);
      return true;
      //#endregion
    },
    // A person may need long to type a code: the deadline of the second call begins after that.
    prepare: () => session.token(),
  });

// The order counts: the second call passes the inner interceptor again, and gets the new token there.
export const interceptorsFor = (session: Session): Interceptor[] => [
  signInAgain(session),
  attachToken(session),
];

// From here on: the menu. There is nothing left for you to write.
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
const print = (text: string): void => console.log(text.replaceAll(/\p{Cc}+/gu, ' '));
const show = ({ id, name, email, phone_number }: User__Output): void =>
  print(`${id}  ${name}  ${email}  ${phone_number}`);

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const dialogue = signInDialogue(address, ask);
  const session = new Session(dialogue.signIn);
  const options = { interceptors: interceptorsFor(session) };
  const users = new UserService(address, credentials.createInsecure(), options);
  const chat = new ChatService(address, credentials.createInsecure(), options);

  // The deadline of a call does not wait for a person who types a code: sign in before.
  const signedIn = (call: () => Promise<void>) => () => session.token().then(call);
  const idAsked = async (): Promise<string> => (await ask.one('id')) || dialogue.ownId();
  const calls = {
    profile: signedIn(async () => {
      const id = await idAsked();
      show(await reply((how, done) => users.GetUser({ id }, how, done)));
    }),
    rename: signedIn(async () => {
      const user = { id: await idAsked(), name: await ask.one('name') };
      const update_mask = { paths: ['name'] };
      show(await reply((how, done) => users.UpdateUser({ user, update_mask }, how, done)));
    }),
    list: signedIn(async () => {
      const page = await reply<ListUsersResponse__Output>((how, done) => users.ListUsers({}, how, done));
      for (const user of page.users) show(user);
    }),
    delete: signedIn(async () => {
      const id = await idAsked();
      await reply((how, done) => users.DeleteUser({ id }, how, done));
      console.log(`User ${id} is deleted.`);
    }),
    say: signedIn(async () => {
      const text = await ask.one('text');
      await reply((how, done) => chat.SendMessage({ user_name: 'me', text }, how, done));
    }),
    listen: signedIn(async () => {
      console.log('Listening until your token runs out. Ctrl-C ends it earlier.');
      for await (const { user_name, text } of chat.ReceiveMessage({})) print(`${user_name}: ${text}`);
    }),
    tour: () => tour(address),
  };
  try {
    await menu(ask.each('call'), calls, address);
  } finally {
    for (const one of [dialogue, users, chat]) one.close();
  }
};
