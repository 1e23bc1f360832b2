import { status, type CallOptions, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, it } from 'vitest';
import type { Empty__Output } from '#protos/generated/google/protobuf/Empty.ts';
import type { ListUsersRequest } from '#protos/generated/user/ListUsersRequest.ts';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User, User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import { rejectedWith, replyTo, settled, soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { expectFault } from '#kit/faults.ts';
import { calling, started, stubAt } from '#kit/peers.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;
const server = () => import('#answers/07-users/server.ts');
const client = () => import('#answers/07-users/client.ts');

const neverAnswered = 'Every way through the handler must call callback once. Is there a branch without it?';

const stores: UserStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});
const newStore = (): UserStore => {
  const store = new UserStore(':memory:');
  stores.push(store);
  return store;
};

/** @returns the learner's service over a store of its own, and the store: a check looks at both */
const serviceOverStore = async (): Promise<{ stub: UserServiceClient; store: UserStore }> => {
  const { users } = await server();
  const store = newStore();
  return { stub: await calling(UserService, users(store)), store };
};

/** All that the stores of this check keep. */
const kept = (): unknown => stores.map((store) => store.page(1_000, '')!.users);

/** Puts a user into the store without the learner's service. */
const put = (store: UserStore, email: string, name = 'Ada'): User__Output =>
  store.create({ name, email, phone_number: '+14155550123' }) as User__Output;

/**
 * Calls a method whose store fails, as one does whose disk is full: that is no answer to the question that was asked.
 *
 * @param method - what fails, of the store
 * @param make - makes the call, about a user that the store has
 */
const failsWithItsStore = async <T>(
  method: 'create' | 'get' | 'update' | 'delete' | 'page',
  make: (stub: UserServiceClient, id: string) => (options: CallOptions, done: requestCallback<T>) => unknown,
): Promise<void> => {
  const { users } = await server();
  const store = newStore();
  const { id } = put(store, 'radia@example.com');
  const why = 'the disk is full';
  // What the handler lets pass is for the caller to hear as INTERNAL, and no mistake of the learner's.
  expectFault(why);
  store[method] = () => {
    throw new Error(why);
  };
  const stub = await calling(UserService, users(store));
  const error = await new Promise<ServiceError | null>((resolve) => make(stub, id)(soon(), resolve));
  const honest = [status.INTERNAL, status.UNKNOWN, status.UNAVAILABLE, status.UNIMPLEMENTED];
  must(error && honest.includes(error.code), {
    expected: `INTERNAL when store.${method} throws: the disk may be full`,
    came: error ? `${status[error.code]}: ${error.details}` : 'a reply, with the status OK',
    advice: 'Catch nothing here: what the store throws is no answer to the question.',
  });
};

const create =
  (stub: UserServiceClient, user: User | null) =>
  (options: CallOptions, done: requestCallback<User__Output>) =>
    stub.CreateUser({ user }, options, done);
const get =
  (stub: UserServiceClient, id: string) => (options: CallOptions, done: requestCallback<User__Output>) =>
    stub.GetUser({ id }, options, done);
const update =
  (stub: UserServiceClient, user: User | null, paths?: string[]) =>
  (options: CallOptions, done: requestCallback<User__Output>) =>
    stub.UpdateUser({ user, ...(paths && { update_mask: { paths } }) }, options, done);
const remove =
  (stub: UserServiceClient, id: string) => (options: CallOptions, done: requestCallback<Empty__Output>) =>
    stub.DeleteUser({ id }, options, done);
const list =
  (stub: UserServiceClient, request: ListUsersRequest) =>
  (options: CallOptions, done: requestCallback<ListUsersResponse__Output>) =>
    stub.ListUsers(request, options, done);

/** What a refused call must say to programs. */
interface Refusal {
  code: status;
  /** The wrong fields that it names. */
  fields?: string[];
  reason?: string;
}

/**
 * Makes a call that the learner's service has to refuse.
 *
 * @param make - makes the call
 * @param refusal - the status, and what goes with it
 * @param why - what the request asks for, to stand behind the status: `for …`
 */
const refused = async <T>(
  make: (options: CallOptions, done: requestCallback<T>) => unknown,
  { code, fields, reason }: Refusal,
  why: string,
): Promise<void> => {
  const before = kept();
  const error = await new Promise<ServiceError | null>((resolve) => {
    make(soon(), (failed) => resolve(failed));
  });
  const expected = `${status[code]} ${why}`;
  must(error, {
    expected,
    came: 'a reply, with the status OK',
    advice: 'Look for this case before you answer with a reply.',
  });
  const neverCame = error.code === status.DEADLINE_EXCEEDED;
  const lookedTooSoon =
    code === status.INVALID_ARGUMENT &&
    error.code === status.NOT_FOUND &&
    detailsOf(error).reason === noSuchUser.reason;
  const otherStatus = lookedTooSoon
    ? 'Look at the request first: what is wrong with it is wrong whoever is in the store.'
    : error.code === status.UNKNOWN
      ? 'What the callback got as its error has no code. invalidFields, invalidArgument and withReason make one that has.'
      : 'Which status means this? The table in the README tells them apart.';
  must(error.code === code, {
    expected,
    came: neverCame
      ? 'nothing, until the deadline passed (DEADLINE_EXCEEDED)'
      : `${status[error.code]}: ${error.details}`,
    advice: neverCame ? neverAnswered : otherStatus,
  });
  same(kept(), before, 'A call that is refused leaves the store as it was.');
  const came = detailsOf(error);
  if (fields) {
    const named = came.violations.map(({ field }) => field);
    must(
      fields.every((field) => named.includes(field)),
      {
        expected: `${expected}, with ${fields.join(' and ')} named for programs`,
        came: named.length > 0 ? `only ${named.join(' and ')}` : `no field named: ${error.details}`,
        advice:
          'Make the status with invalidFields(wrong), or for one field with invalidArgument(field, description): both put the fields beside the words.',
      },
    );
  }
  if (reason) {
    must(came.reason === reason, {
      expected: `${expected}, with the reason ${reason}`,
      came: came.reason ? `the reason ${came.reason}` : `no reason: ${error.details}`,
      advice: `The contract promises the reason: withReason(status.${status[code]}, 'words for people', '${reason}').`,
    });
  }
};

/**
 * Makes a call that the learner's service has to take.
 *
 * @param make - makes the call
 * @param why - what the request asks for, to stand behind the reply: `for …`
 * @param advice - what to look for when the request is refused
 * @returns the reply
 */
const accepted = async <T>(
  make: (options: CallOptions, done: requestCallback<T>) => unknown,
  why: string,
  advice: string,
): Promise<T> => {
  try {
    return await replyTo(make, neverAnswered);
  } catch (error) {
    const { came } = error as CheckFailure;
    if (!came.startsWith('INVALID_ARGUMENT')) throw error;
    throw new CheckFailure({ expected: `a reply ${why}`, came, advice });
  }
};

const noSuchUser = { code: status.NOT_FOUND, reason: 'USER_NOT_FOUND' };
const emailTaken = { code: status.ALREADY_EXISTS, reason: 'EMAIL_TAKEN' };
const wrong = (...fields: string[]): Refusal => ({ code: status.INVALID_ARGUMENT, fields });
const nobody = '00000000-0000-4000-8000-000000000000';

describe('Step 1 · Create a user, or say why not', () => {
  it('answers with the user that is now in the store', async () => {
    const { stub, store } = await serviceOverStore();
    const asked = {
      name: "Robert'); DROP TABLE users;--",
      email: 'Ada@Example.com',
      phone_number: '+1 415 555 0123',
    };
    const made = await replyTo(create(stub, { ...asked, id: 'my own' }), neverAnswered);
    const { name, email, phone_number } = made;
    same(
      { name, email, phone_number },
      { ...asked, phone_number: '+14155550123' },
      'Give the store the values of checkUser, and answer with the user that store.create returns.',
    );
    same(
      made,
      store.page(10, '')!.users[0],
      'Answer with the user that store.create returns: it has the id and the times.',
    );
  });

  it('names every wrong field, and makes nothing', async () => {
    const { stub } = await serviceOverStore();
    await refused(
      create(stub, { name: '', email: 'ada', phone_number: '' }),
      wrong('user.name', 'user.email'),
      'for a user without a name, whose email has no @',
    );
    await refused(create(stub, null), wrong('user.name', 'user.email'), 'for a request without a user');
  });

  it('says so when the email is taken', async () => {
    const { stub, store } = await serviceOverStore();
    put(store, 'ada@example.com');
    const again = { name: 'Grace', email: 'ADA@example.com' };
    await refused(create(stub, again), emailTaken, 'for the email of another user, in other letters');
    await failsWithItsStore('create', (other) => create(other, again));
  });
});

describe('Step 2 · Get a user, or say NOT_FOUND', () => {
  it('answers with the user', async () => {
    const { stub, store } = await serviceOverStore();
    put(store, 'grace@example.com', 'Grace');
    const ada = put(store, 'ada@example.com');
    same(
      await replyTo(get(stub, ada.id), neverAnswered),
      ada,
      'Answer with what store.get returns for this id.',
    );
    // Another server on the same database may have changed it since.
    store.update(ada.id, { name: 'Countess' });
    same(
      await replyTo(get(stub, ada.id), neverAnswered),
      store.get(ada.id),
      'Ask the store anew for each call: what was read before may have changed.',
    );
  });

  it('says so when there is no such user', async () => {
    const { stub, store } = await serviceOverStore();
    const { id } = put(store, 'ada@example.com');
    await replyTo(get(stub, id), neverAnswered);
    store.delete(id);
    for (const each of [id, nobody, 'nobody', '1']) {
      await refused(
        get(stub, each),
        noSuchUser,
        `for the id "${each === id ? 'of a user who is gone' : each}"`,
      );
    }
    await failsWithItsStore('get', get);
  });

  it('refuses a request without an id', async () => {
    const { stub } = await serviceOverStore();
    await refused(get(stub, ''), wrong('id'), 'for a request without an id');
  });
});

describe('Step 3 · Change what the mask names, and nothing else', () => {
  it('leaves alone what the mask does not name', async () => {
    const { stub, store } = await serviceOverStore();
    const ada = put(store, 'ada@example.com');
    // A client may send a user as it has one: only what the mask names counts, and the rest may even be wrong.
    const sent = { id: ada.id, name: 'Countess', email: 'no email', phone_number: '' };
    const advice = 'Check the fields that the mask names, and no others; give the store the values of these.';
    const changed = await accepted(
      update(stub, sent, ['name']),
      'for the mask "name", whatever the other fields hold',
      advice,
    );
    const { name, email, phone_number } = changed;
    same(
      { name, email, phone_number },
      { name: 'Countess', email: ada.email, phone_number: ada.phone_number },
      advice,
    );
    same(changed, store.get(ada.id), 'Answer with the user that store.update returns.');
  });

  it('stores a phone number in its one right form', async () => {
    const { stub, store } = await serviceOverStore();
    const { id } = put(store, 'ada@example.com');
    const sent = { id, phone_number: '+1 (650) 253-0000' };
    const { phone_number } = await replyTo(update(stub, sent, ['phone_number']), neverAnswered);
    same(phone_number, '+16502530000', 'Give the store the values of checkUser, not those of the request.');
  });

  it('empties a field that the mask names, and keeps it without a mask', async () => {
    const { stub, store } = await serviceOverStore();
    const ada = put(store, 'ada@example.com');
    const renamed = await replyTo(update(stub, { id: ada.id, name: 'Countess' }), neverAnswered);
    same(
      [renamed.name, renamed.email, renamed.phone_number],
      ['Countess', 'ada@example.com', '+14155550123'],
      'Without a mask, the fields that are empty stay as they are: take the fields of maskedFields.',
    );
    const emptied = await replyTo(update(stub, { id: ada.id }, ['phone_number']), neverAnswered);
    same(emptied.phone_number, '', 'A field that the mask names gets its new value, even an empty one.');
  });

  it('passes over what only the server sets', async () => {
    const { stub, store } = await serviceOverStore();
    const ada = put(store, 'ada@example.com');
    const sent = { ...ada, name: 'Somebody else', email: 'else@example.com', create_time: null };
    const advice = 'A mask that names only the id or the times changes nothing, and is no mistake.';
    const paths = ['id', 'create_time'];
    same(await accepted(update(stub, sent, paths), `for the mask "${paths.join()}"`, advice), ada, advice);
  });

  it('refuses what is wrong, and changes nothing', async () => {
    const { stub, store } = await serviceOverStore();
    const { id } = put(store, 'ada@example.com');
    await refused(
      update(stub, { id, name: 'X' }, ['name', 'nick']),
      wrong('update_mask'),
      'for a mask that names "nick", which is no field',
    );
    await refused(
      update(stub, { id, name: '', email: 'x' }, ['*']),
      wrong('user.name', 'user.email'),
      'for the mask "*" with an empty name and a wrong email',
    );
    await refused(
      update(stub, { id: nobody, name: 'X' }, ['nick']),
      wrong('update_mask'),
      'for the mask "nick", whether there is such a user or not',
    );
    await refused(
      update(stub, { id: nobody, email: 'x' }, ['email']),
      wrong('user.email'),
      'for a wrong email, whether there is such a user or not',
    );
  });

  it('says so when there is no such user, or the email is taken', async () => {
    const { stub, store } = await serviceOverStore();
    const { id } = put(store, 'ada@example.com');
    put(store, 'grace@example.com');
    await refused(
      update(stub, { id: nobody, name: 'X', email: 'nobody@example.com' }, ['name']),
      noSuchUser,
      'for an id that no user has',
    );
    await refused(
      update(stub, { id, email: 'grace@example.com' }, ['email']),
      emailTaken,
      'for the email of another user',
    );
    await failsWithItsStore('update', (other, there) => update(other, { id: there, name: 'X' }, ['name']));
  });
});

describe('Step 4 · Delete a user, once', () => {
  it('deletes this user, and answers with an empty message', async () => {
    const { stub, store } = await serviceOverStore();
    const grace = put(store, 'grace@example.com', 'Grace');
    const ada = put(store, 'ada@example.com');
    const reply = await replyTo(remove(stub, ada.id), neverAnswered);
    same(reply, {}, 'google.protobuf.Empty has no field: callback(null, {}).');
    same(store.page(10, '')!.users, [grace], 'Delete the user with this id, and no other.');
  });

  it('says so when there is nobody to delete', async () => {
    const { stub, store } = await serviceOverStore();
    const { id } = put(store, 'ada@example.com');
    await replyTo(remove(stub, id), neverAnswered);
    await refused(remove(stub, id), noSuchUser, 'for a user who has just been deleted');
    await refused(remove(stub, ''), wrong('id'), 'for a request without an id');
    await failsWithItsStore('delete', remove);
  });
});

describe('Step 5 · Answer with one page', () => {
  it('gives as many users as are asked for, and a token for those behind them', async () => {
    const { stub, store } = await serviceOverStore();
    const emails = ['a@x', 'b@x', 'c@x'];
    for (const email of emails) put(store, email);
    const first = await replyTo(list(stub, { page_size: 2 }), neverAnswered);
    const advice = 'Answer with the page that store.page(size, token) returns.';
    same(
      first.users.map(({ email }) => email),
      emails.slice(0, 2),
      advice,
    );
    must(first.next_page_token !== '', {
      expected: 'a next_page_token, because there is one more user',
      came: 'none',
      advice,
    });
    const second = await replyTo(
      list(stub, { page_size: 2, page_token: first.next_page_token }),
      neverAnswered,
    );
    same(
      second.users.map(({ email }) => email),
      emails.slice(2),
      'Hand the page_token of the request on to store.page.',
    );
    same(second.next_page_token, '', advice);
  });

  it('chooses the size when none is asked for, and gives no more than 1,000', async () => {
    const { stub, store } = await serviceOverStore();
    for (let count = 0; count < 1_001; count += 1) put(store, `${count}@x`);
    const hasSize = async (page_size: number, size: number, advice: string): Promise<void> => {
      const why = `of ${size} users for a page_size of ${page_size}`;
      const { users } = await accepted(list(stub, { page_size }), why, advice);
      must(users.length === size, { expected: `a reply ${why}`, came: `${users.length} users`, advice });
    };
    await hasSize(0, 50, 'A page_size of 0 means that the caller did not choose: the contract says 50 then.');
    await hasSize(5_000, 1_000, 'The contract says that more than 1,000 counts as 1,000.');
  });

  it('refuses a negative size, and a token that nobody has given out', async () => {
    const { stub, store } = await serviceOverStore();
    for (const email of ['a@x', 'b@x']) put(store, email);
    await refused(list(stub, { page_size: -1 }), wrong('page_size'), 'for a page_size of -1');
    await refused(
      list(stub, { page_token: '2' }),
      wrong('page_token'),
      'for a page_token that was never given out',
    );
    await failsWithItsStore('page', (other) => list(other, {}));
  });
});

describe('Step 6 · Follow the page tokens', () => {
  /** The pages of a server that works, by their tokens. One has no users, and is not the last: AIP-158 allows that. */
  const pages: Record<string, { names: string[]; next: string }> = {
    '': { names: ['Ada', 'Grace'], next: 'second' },
    second: { names: [], next: 'third' },
    third: { names: ['Barbara', 'Radia'], next: 'last' },
    last: { names: ['Frances'], next: '' },
  };

  const collected = async (ListUsers: UserServiceHandlers['ListUsers'], into: string[]): Promise<void> => {
    const { allUsers } = await client();
    const stub = await calling(UserService, { ListUsers });
    for await (const { name } of allUsers(stub, 2)) into.push(name);
  };

  it('gives the users of every page, in order', async () => {
    const asked: unknown[] = [];
    const names: string[] = [];
    const listing = collected(({ request: { page_size, page_token } }, callback) => {
      asked.push([page_size, page_token]);
      const page = pages[page_token];
      // Who asks on and on would never come to an end.
      if (!page || asked.length > 4)
        return callback({ code: status.INVALID_ARGUMENT, details: 'not this page' });
      callback(null, { users: page.names.map((name) => ({ name })), next_page_token: page.next });
    }, names);
    const failure = await settled(listing, 'Return when a page has no next_page_token.').catch(
      (error: unknown) => error,
    );
    // What was asked says more than how it ended.
    if (asked.length > 0) {
      same(
        asked,
        [
          [2, ''],
          [2, 'second'],
          [2, 'third'],
          [2, 'last'],
        ],
        'Each request carries page_size, and the next_page_token of the page before. Only an empty token is the end, and no page tells by its users: it may have fewer than page_size, or none.',
      );
    }
    if (failure) throw failure;
    same(names, ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances'], 'Yield each user of each page.');
  });

  it('asks for a page only when somebody gets that far', async () => {
    const { allUsers } = await client();
    const asked: string[] = [];
    const stub = await calling(UserService, {
      ListUsers: (({ request: { page_token } }, callback) => {
        asked.push(page_token);
        callback(null, { users: [{ name: 'Ada' }, { name: 'Grace' }], next_page_token: 'more' });
      }) satisfies UserServiceHandlers['ListUsers'],
    });
    const users = allUsers(stub, 2);
    await settled(users.next(), 'Yield the users of the first page.');
    // A call that was made before this one has come before it.
    await replyTo(list(stub, { page_token: 'of the check' }), neverAnswered);
    same(
      asked,
      ['', 'of the check'],
      'Make the call for the next page after the users of this one are yielded.',
    );
    await users.return(undefined);
  });

  it('passes on the status of a call that failed', async () => {
    const names: string[] = [];
    const listing = collected(({ request: { page_token } }, callback) => {
      if (page_token === '') callback(null, { users: [{ name: 'Ada' }], next_page_token: 'second' });
      else callback({ code: status.RESOURCE_EXHAUSTED, details: 'enough listed' });
    }, names);
    await rejectedWith(listing, status.RESOURCE_EXHAUSTED);
    same(names, ['Ada'], 'What came before the failure is given all the same.');
  });
});

describe('Both halves together', () => {
  it('lists the users that were created, over several pages', async () => {
    const { start } = await server();
    const { allUsers } = await client();
    const address = await started(() => start('127.0.0.1:0', { db: ':memory:' }));
    const stub = stubAt(UserService, address);
    const names = ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances'];
    for (const name of names)
      await replyTo(create(stub, { name, email: `${name}@example.com` }), neverAnswered);
    const came: string[] = [];
    const listing = async () => {
      for await (const { name } of allUsers(stub, 2)) came.push(name);
    };
    await settled(
      listing(),
      'Does the server end the list with an empty token, and does the client stop there?',
    );
    same(came, names, 'Every user comes once, in the order in which they were made.');
  });
});
