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
    //#region Step 1 · Create a user, or say why not
    const { values, wrong } = checkUser(user, userFields.writable);
    if (wrong) return callback(invalidFields(wrong));
    const made = store.create(values);
    if (made === 'email taken') {
      callback(withReason(status.ALREADY_EXISTS, 'Another user has this email.', 'EMAIL_TAKEN'));
    } else {
      callback(null, made);
    }
    //#endregion
  },

  GetUser: ({ request: { id } }, callback) => {
    //#region Step 2 · Get a user, or say NOT_FOUND
    // Wrong whatever is in the store: the caller has to correct the request.
    if (id === '') return callback(invalidArgument('id', 'must not be empty'));
    const user = store.get(id);
    if (user) callback(null, user);
    else callback(withReason(status.NOT_FOUND, 'There is no such user.', 'USER_NOT_FOUND'));
    //#endregion
  },

  UpdateUser: ({ request: { user, update_mask } }, callback) => {
    if (!user?.id) return callback(invalidArgument('user.id', 'must not be empty'));
    const { fields, problem } = maskedFields(update_mask, user, userFields);
    //#region Step 3 · Change what the mask names, and nothing else
    if (problem) return callback(invalidArgument('update_mask', problem));
    const { values, wrong } = checkUser(user, fields);
    if (wrong) return callback(invalidFields(wrong));
    const changed = store.update(user.id, values);
    if (changed === 'email taken') {
      callback(withReason(status.ALREADY_EXISTS, 'Another user has this email.', 'EMAIL_TAKEN'));
    } else if (changed) {
      callback(null, changed);
    } else {
      callback(withReason(status.NOT_FOUND, 'There is no such user.', 'USER_NOT_FOUND'));
    }
    //#endregion
  },

  DeleteUser: ({ request: { id } }, callback) => {
    //#region Step 4 · Delete a user, once
    if (id === '') return callback(invalidArgument('id', 'must not be empty'));
    if (store.delete(id)) callback(null, {});
    else callback(withReason(status.NOT_FOUND, 'There is no such user.', 'USER_NOT_FOUND'));
    //#endregion
  },

  ListUsers: ({ request: { page_size, page_token } }, callback) => {
    //#region Step 5 · Answer with one page
    if (page_size < 0) return callback(invalidArgument('page_size', 'must not be negative'));
    const size = Math.min(page_size || pageSizes.usual, pageSizes.most);
    const page = store.page(size, page_token);
    if (page) callback(null, page);
    else callback(invalidArgument('page_token', 'is none that this service has given out'));
    //#endregion
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
