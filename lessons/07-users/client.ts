import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import type { ListUsersRequest } from '#protos/generated/user/ListUsersRequest.ts';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User, User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { reply } from '#shared/grpc/unary-call.ts';
import { isoTime } from '#shared/grpc/timestamp.ts';
import type { Ask, ClientContext, Questions } from '#shared/terminal/ask.ts';
import { menu } from '#shared/terminal/menu.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

const onePage = (stub: UserServiceClient, request: ListUsersRequest): Promise<ListUsersResponse__Output> =>
  reply((options, done) => stub.ListUsers(request, options, done));

// Gives every user, one after the other, however many pages they fill.
export async function* allUsers(stub: UserServiceClient, page_size: number): AsyncGenerator<User__Output> {
  // TODO 6 · Follow the page tokens
  throw new Error('Step 6 is not written yet');
}

// From here on: the questions, the menu, and the tour. There is nothing left for you to write.
export const questions = {
  call: {
    message: 'Which call would you like to make?',
    initial: 'tour',
    choices: ['CreateUser', 'GetUser', 'UpdateUser', 'DeleteUser', 'ListUsers', 'tour', 'quit'],
  },
  id: { message: 'Which id? (empty: the user made, read or changed last)', initial: '' },
  mask: { message: 'Which fields? (with commas between; nothing: those you fill in)', initial: '' },
  name: { message: 'Name', initial: '' },
  email: { message: 'Email', initial: '' },
  phone: { message: 'Phone number, with its country code (may be empty)', initial: '' },
  'page-size': { message: 'How many users a page?', initial: '50' },
} satisfies Questions;

const callsOf = (stub: UserServiceClient, ask: Ask<typeof questions>) => {
  let lastId = '';
  const show = (user: User__Output): void => {
    lastId = user.id;
    console.log({ ...user, create_time: isoTime(user.create_time), update_time: isoTime(user.update_time) });
  };
  const idAsked = async (): Promise<string> => (await ask.one('id')) || lastId;
  const create = async (user: User) =>
    show(await reply((options, done) => stub.CreateUser({ user }, options, done)));
  const get = async (id: string) => show(await reply((options, done) => stub.GetUser({ id }, options, done)));
  const update = async (user: User, paths: string[]) =>
    show(await reply((options, done) => stub.UpdateUser({ user, update_mask: { paths } }, options, done)));
  const remove = async (id: string) => {
    await reply((options, done) => stub.DeleteUser({ id }, options, done));
    console.log('deleted');
    if (id === lastId) lastId = '';
  };
  const list = async (size: number) => {
    for await (const { id, name, email } of allUsers(stub, size)) console.log(id, inspect(name), email);
  };
  const tour = async () => {
    // An email that nobody else has: others may be on tour at the same time, or may have left in the middle.
    const ada = { name: 'Ada', email: `ada.${randomUUID()}@example.com` };
    await create(ada);
    const id = lastId;
    try {
      await get(id);
      await update({ id, phone_number: '+1 415 555 0123' }, ['phone_number']);
      await list(50);
    } catch (error) {
      // What went wrong first is what the person has to know.
      await remove(id).catch(() => {});
      throw error;
    }
    await remove(id);
  };
  return {
    CreateUser: async () =>
      create({
        name: await ask.one('name'),
        email: await ask.one('email'),
        phone_number: await ask.one('phone'),
      }),
    GetUser: async () => get(await idAsked()),
    UpdateUser: async () => {
      const id = await idAsked();
      const paths = (await ask.one('mask'))
        .split(',')
        .map((path) => path.trim())
        .filter(Boolean);
      const asked = (path: string) => paths.length === 0 || paths.includes('*') || paths.includes(path);
      const name = asked('name') ? await ask.one('name') : '';
      const email = asked('email') ? await ask.one('email') : '';
      const phone_number = asked('phone_number') ? await ask.one('phone') : '';
      return update({ id, name, email, phone_number }, paths);
    },
    DeleteUser: async () => remove(await idAsked()),
    ListUsers: async () => {
      const size = await ask.one('page-size');
      // Protobuf makes an int32 of any number: 3000000000 would go over the wire as -1294967296, and abc as 0.
      if (Int32Array.of(Number(size))[0] === Number(size)) return list(Number(size));
      console.error(`"${size}" is no page size: that is a whole number, and an int32 ends at 2147483647.`);
      process.exitCode = 1;
    },
    tour,
  };
};

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const stub = new UserService(address, credentials.createInsecure());
  try {
    await menu(ask.each('call'), callsOf(stub, ask), address);
  } finally {
    stub.close();
  }
};
