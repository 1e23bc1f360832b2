import { status } from '@grpc/grpc-js';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { invalidArgument, invalidFields, withReason } from '#shared/grpc/error-details.ts';
import { maskedFields } from '#shared/grpc/field-mask.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import { checkUser, userFields } from '#shared/storage/user-rules.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

/** How many users a page has when the caller does not say, and how many at most. */
const pageSizes = { usual: 50, most: 1_000 };

// The store knows what is so. The handlers say it with a status.
export const users = (store: UserStore): UserServiceHandlers => ({
  CreateUser: ({ request: { user } }, callback) => {
    // TODO 1 · Create a user, or say why not
    throw new Error('Step 1 is not written yet');
  },

  GetUser: ({ request: { id } }, callback) => {
    // TODO 2 · Get a user, or say NOT_FOUND
    throw new Error('Step 2 is not written yet');
  },

  UpdateUser: ({ request: { user, update_mask } }, callback) => {
    if (!user?.id) return callback(invalidArgument('user.id', 'must not be empty'));
    const { fields, problem } = maskedFields(update_mask, user, userFields);
    // TODO 3 · Change what the mask names, and nothing else
    throw new Error('Step 3 is not written yet');
  },

  DeleteUser: ({ request: { id } }, callback) => {
    // TODO 4 · Delete a user, once
    throw new Error('Step 4 is not written yet');
  },

  ListUsers: ({ request: { page_size, page_token } }, callback) => {
    // TODO 5 · Answer with one page
    throw new Error('Step 5 is not written yet');
  },
});

export const settings = {
  db: { message: 'Which file keeps the users?', initial: '.workbook/users.db' },
} satisfies Settings;

export const start = async (address: string, { db }: SettingValues<typeof settings>): Promise<Listening> => {
  const store = new UserStore(db);
  try {
    const listening = await serve(UserService.service, users(store), address);
    return { ...listening, stop: () => store.close() };
  } catch (error) {
    store.close();
    throw error;
  }
};
